import { Worker } from 'node:worker_threads'
import { ActionError } from '../errors.ts'
import type { ArtifactOrder, ArtifactResult, ArtifactStage, UploadArtifact } from '../ports.ts'
import type { UploadNews, UploadTask } from './artifact-client.ts'
import { FINALIZING, type Said } from './artifact-voice.ts'
import { LONGEST_TIMER } from './clock.ts'
import { findProxy } from './proxy.ts'
import { parseCaCertificates } from './tls-rules.ts'

type Message = Said | UploadNews

/**
 * Uploads in a thread of its own, loaded from `program` (`dist/artifact.js`) when it is first needed: see
 * `artifact-client.ts` for why. Whatever the thread does or leaves undone, this settles.
 */
export function realArtifacts(program: string, cancelled: AbortSignal): UploadArtifact {
  return async (order) => {
    if (cancelled.aborted) throw stopped()
    const state = emptyState()
    const worker = startThread(program, order)
    try {
      await settle(worker, order, state, cancelled)
    } finally {
      await worker.terminate()
    }
    return resultOf(state)
  }
}

const stopped = (): ActionError => new ActionError('CANCELLED', 'The job was cancelled')

type State = { -readonly [name in keyof ArtifactResult]: ArtifactResult[name] } & {
  readonly secrets: Set<string>
}

const emptyState = (): State => ({ stage: 'create', repeated: false, secrets: new Set() })

function startThread(program: string, order: ArtifactOrder): Worker {
  const { name, folder, files, retentionDays, caCertificates } = order
  const task: UploadTask = {
    name,
    folder,
    files,
    caCertificates: caCertificates === undefined ? [] : parseCaCertificates(caCertificates),
    ...(retentionDays !== undefined && { retentionDays }),
  }
  // Both streams are taken and never read: nothing of the thread's reaches the runner but what it posts.
  return new Worker(program, { workerData: task, env: environmentOf(order), stdout: true, stderr: true })
}

/** All that the client reads of the environment, and nothing that an earlier step put there. */
function environmentOf({ service, token, server, folder, patience }: ArtifactOrder): NodeJS.ProcessEnv {
  const proxy = findProxy(service)
  return {
    ACTIONS_RESULTS_URL: service.origin,
    ACTIONS_RUNTIME_TOKEN: token,
    ACTIONS_ARTIFACT_UPLOAD_TIMEOUT_MS: String(Math.min(patience, LONGEST_TIMER)),
    GITHUB_SERVER_URL: server,
    GITHUB_WORKSPACE: folder,
    // Its two clients read different spellings, and one of them sends loopback to the proxy too.
    ...(proxy !== undefined && { HTTPS_PROXY: proxy.href, https_proxy: proxy.href, NO_PROXY: exceptions() }),
  }
}

const exceptions = (): string =>
  [process.env['no_proxy'] || process.env['NO_PROXY'] || '', 'localhost', '127.0.0.1', '[::1]']
    .filter((one) => one !== '')
    .join(',')

async function settle(
  worker: Worker,
  order: ArtifactOrder,
  state: State,
  cancelled: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = (why: string): void => {
    state.failure ??= why
    resolve()
  }
  const seconds = Math.round(order.patience / 1000)
  const timer = setTimeout(
    () => giveUp(`no progress for ${seconds} s`),
    Math.min(order.patience, LONGEST_TIMER),
  )
  const cancel = (): void => reject(stopped())
  cancelled.addEventListener('abort', cancel, { once: true })
  worker.on('message', (message: Message) => {
    if (takeIn(message, state, order)) timer.refresh()
    if ('ended' in message) resolve()
  })
  worker.on('error', (error) => giveUp(error instanceof Error ? error.message : 'the client broke down'))
  // An answer that is cut short leaves the client waiting for nothing at all, and its thread comes to an end.
  worker.on('exit', () => giveUp('the client ended without a result; a connection was cut'))
  try {
    await promise
  } finally {
    clearTimeout(timer)
    cancelled.removeEventListener('abort', cancel)
  }
}

/** Returns whether something came forward. */
function takeIn(message: Message, state: State, order: ArtifactOrder): boolean {
  if ('secret' in message) {
    state.secrets.add(message.secret)
    order.onSecret(message.secret)
    return false
  }
  if ('line' in message) return hear(message.line, state, order)
  if ('uploaded' in message) Object.assign(state, message.uploaded, { stage: 'done' satisfies ArtifactStage })
  else if ('listed' in message) state.listed = message.listed
  else if ('failure' in message) state.failure ??= withoutSecrets(message.failure, state)
  return true
}

/** The client tells how far it is in words alone; a test holds them. */
function stageOf(line: string): ArtifactStage | undefined {
  if (line.startsWith('Uploading artifact: ')) return 'send'
  return line === FINALIZING ? 'finalize' : undefined
}

function hear(line: string, state: State, { onLine }: ArtifactOrder): boolean {
  onLine(withoutSecrets(line, state))
  const [, digest] = /^SHA256 digest of uploaded artifact is ([0-9a-f]{64})$/.exec(line) ?? []
  if (digest !== undefined) state.digest = digest
  if (/^Attempt \d+ of \d+ failed/.test(line)) state.repeated = true
  const stage = stageOf(line)
  if (stage !== undefined) state.stage = stage
  return stage !== undefined || line.startsWith('Uploaded bytes ')
}

function withoutSecrets(text: string, { secrets }: State): string {
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***')
  return clean
}

function resultOf({ secrets: _, ...result }: State): ArtifactResult {
  return result
}
