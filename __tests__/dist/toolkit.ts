/**
 * The toolkit's own artifact client, as `actions/upload-artifact` and `actions/download-artifact` use it, in a process of
 * its own: it reads the environment and prints a lot. As a command, `node toolkit.ts upload|list|download|delete …`, the
 * result is the last line, as JSON.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { DefaultArtifactClient } from '@actions/artifact'
import type { Variables } from './program.ts'

const client = new DefaultArtifactClient()

const COMMANDS: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  upload: (name = '', folder = '', ...files) => client.uploadArtifact(name, files, folder, {}),
  list: async () => (await client.listArtifacts({ latest: true })).artifacts,
  download: async (name = '', path = '') => {
    const { artifact } = await client.getArtifact(name)
    return client.downloadArtifact(artifact.id, {
      path,
      ...(artifact.digest !== undefined && { expectedHash: artifact.digest }),
    })
  },
  delete: (name = '') => client.deleteArtifact(name),
}

interface Order {
  readonly env: Variables
  readonly words: readonly string[]
}

/** `error` is what the client's exception says. */
type Reply<T> = { readonly result: T } | { readonly error: string }

const MOST = 30_000
let kept: ChildProcess | undefined
let before: Promise<unknown> = Promise.resolve()

/**
 * Runs one command of it in a job's environment. To load the client takes far longer than what it does, so one process is
 * kept, which does one command after the other.
 */
export function toolkit<T>(env: Variables, ...words: readonly string[]): Promise<T> {
  const answer = before.then(() => ask<T>({ env, words }))
  before = answer.catch(() => undefined)
  return answer
}

async function ask<T>(order: Order): Promise<T> {
  if (!kept?.connected) kept = fork(import.meta.filename, { execArgv: [], stdio: 'ignore' })
  const child = kept
  const { promise, resolve, reject } = Promise.withResolvers<Reply<T>>()
  const ended = (): void => reject(new Error(`the toolkit's process ended during ${order.words.join(' ')}`))
  child.once('message', (reply) => resolve(reply as Reply<T>))
  child.once('exit', ended)
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST)
  child.channel?.ref()
  child.send(order)
  try {
    const reply = await promise
    if ('error' in reply) throw new Error(reply.error)
    return reply.result
  } finally {
    clearTimeout(timer)
    child.off('exit', ended)
    // The test that asked may be the last one.
    child.channel?.unref()
    child.unref()
  }
}

async function runCommand([command = '', ...args]: readonly string[]): Promise<unknown> {
  const run = COMMANDS[command]
  if (run === undefined) throw new Error(`the toolkit's client has no "${command}" here`)
  return run(...args)
}

async function obey({ env, words }: Order): Promise<Reply<unknown>> {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  return runCommand(words).then(
    (result) => ({ result }),
    (error) => ({ error: String(error) }),
  )
}

if (import.meta.main) {
  if (process.send === undefined) console.log(`\n${JSON.stringify(await runCommand(process.argv.slice(2)))}`)
  else process.on('message', async (order) => process.send?.(await obey(order as Order)))
}
