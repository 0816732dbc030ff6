import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ChildResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const IMPORTS = `
  import { digestThread } from './src/host/digest-thread.ts'
  import { beginFailed, succeed } from './src/host/exit.ts'
  import { boundHeap, youngBytes } from './src/host/heap.ts'
  import { realRunner } from './src/host/runner.ts'
  import { realWorld } from './src/host/world.ts'
  import { realHttp } from './src/host/http.ts'
`

/** Starts a new Node process over the text of a module that may use what `host/` exports for the entry points. */
export function startChild(code: string, env: Record<string, string> = {}): ChildProcess {
  const args = ['--input-type=module', '--eval', IMPORTS + code]
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  return spawn(process.execPath, args, { env: { PATH, NODE_COMPILE_CACHE, ...env } })
}

export async function runChild(code: string, env: Record<string, string> = {}): Promise<ChildResult> {
  const child = startChild(code, env)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => {
      output[name] += chunk
    })
  }
  await once(child, 'close')
  return { code: child.exitCode, ...output }
}
