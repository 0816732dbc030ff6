/** The artifact service of a run (version 4), as far as it takes to move a folder from one job to another. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'

const SERVICE = 'twirp/github.actions.results.api.v1.ArtifactService'
const BLOCK = Buffer.from('block-0001').toString('base64')

/** Ids of the run and of the job; the service's answers use the same JSON names in camel case. */
interface Backend {
  readonly workflow_run_backend_id: string
  readonly workflow_job_run_backend_id: string
}

/** An input of the step, a folder as a path in the workspace. */
export function input(name: 'name' | 'path'): string {
  const value = process.env[`INPUT_${name.toUpperCase()}`] ?? ''
  if (value === '') throw new Error(`the input ${name} is missing`)
  return name === 'path' ? join(variable('GITHUB_WORKSPACE'), value) : value
}

function variable(name: string): string {
  const value = process.env[name] ?? ''
  if (value === '') throw new Error(`the runner did not set ${name}`)
  return value
}

export async function uploadArtifact(name: string, content: Uint8Array): Promise<void> {
  const ids = backend()
  const { signedUploadUrl: url } = await call('CreateArtifact', { ...ids, name, version: 4 })
  await put(`${url}&comp=block&blockid=${encodeURIComponent(BLOCK)}`, content)
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>${BLOCK}</Latest></BlockList>`
  await put(`${url}&comp=blocklist`, Buffer.from(list))
  const hash = `sha256:${createHash('sha256').update(content).digest('hex')}`
  await call('FinalizeArtifact', { ...ids, name, size: String(content.length), hash })
}

export async function downloadArtifact(name: string): Promise<Uint8Array> {
  const { signedUrl: url } = await call('GetSignedArtifactURL', { ...backend(), name })
  const answer = await fetch(String(url))
  if (!answer.ok) throw new Error(`the artifact ${name} cannot be downloaded: ${answer.status}`)
  return answer.bytes()
}

/** They stand in a scope of the runtime token: `Actions.Results:<run>:<job>`. */
function backend(): Backend {
  const [, claims = ''] = variable('ACTIONS_RUNTIME_TOKEN').split('.')
  const { scp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))
  const scope = String(scp)
    .split(' ')
    .find((one) => one.startsWith('Actions.Results:'))
  const [, run = '', job = ''] = scope?.split(':') ?? []
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: job }
}

async function call(method: string, message: object): Promise<Readonly<Record<string, unknown>>> {
  const base = variable('ACTIONS_RESULTS_URL').replace(/\/$/, '')
  const answer = await fetch(`${base}/${SERVICE}/${method}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${variable('ACTIONS_RUNTIME_TOKEN')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(message),
  })
  if (!answer.ok) throw new Error(`${method} is answered with ${answer.status}`)
  return JSON.parse(await answer.text())
}

async function put(url: string, body: Uint8Array): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body: Buffer.from(body) })
  if (!answer.ok) throw new Error(`an upload is answered with ${answer.status}`)
}
