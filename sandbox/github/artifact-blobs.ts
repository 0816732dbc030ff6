import type { WebAnswer, WebRequest } from '../web.ts'
import type { ArtifactState, StoredArtifact } from './artifact-store.ts'

/** Put Block, Put Block List, Put Blob and Get Blob of Azure's REST API, as far as an artifact needs them. */
export function serveBlobs(state: ArtifactState, request: WebRequest): WebAnswer {
  const artifact = state.signed.get(request.query.get('sig') ?? '')
  if (artifact === undefined) return refuse(403, 'AuthenticationFailed')
  if (request.method === 'GET') return get(artifact)
  if (request.method !== 'PUT' || artifact.finalized) return refuse(405, 'UnsupportedHttpVerb')
  switch (request.query.get('comp')) {
    case 'block':
      artifact.blocks.set(request.query.get('blockid') ?? '', request.body)
      return done()
    case 'blocklist':
      return putBlockList(artifact, Buffer.from(request.body).toString())
    case null:
      artifact.content = request.body
      return done()
    default:
      return refuse(400, 'InvalidQueryParameterValue')
  }
}

function putBlockList(artifact: StoredArtifact, xml: string): WebAnswer {
  const blocks: Uint8Array[] = []
  for (const [, id = ''] of xml.matchAll(/<(?:Latest|Uncommitted)>([^<]+)<\//g)) {
    const block = artifact.blocks.get(id)
    if (block === undefined) return refuse(400, 'InvalidBlockList')
    blocks.push(block)
  }
  artifact.content = Buffer.concat(blocks)
  return done()
}

const get = ({ content, contentType }: StoredArtifact): WebAnswer =>
  content === undefined
    ? refuse(404, 'BlobNotFound')
    : { status: 200, headers: { 'content-type': contentType }, body: content }

const done = (): WebAnswer => ({ status: 201, headers: { etag: '"0x8D"', 'x-ms-request-id': 'sandbox' } })

const refuse = (status: number, code: string): WebAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})
