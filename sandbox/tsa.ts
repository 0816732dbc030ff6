import { parseDer, parseElements, parseInteger, parseOid } from '../src/core/der.ts'
import type { HashName } from '../src/core/digest.ts'
import { toPem } from './certificates.ts'
import { at, bytesAt, parseFields, textAt } from './fields.ts'
import { cleanPath, contentTypeFault, negotiate } from './openapi-media.ts'
import { POLICY, type StampOptions, type Tsa } from './tsa-authority.ts'
import { type Handler, json, text, type WebAnswer, type WebRequest } from './web.ts'

const REPLY = 'application/timestamp-reply'
const CHAIN = 'application/pem-certificate-chain'
const JSON_TYPE = 'application/json'
/** It has nothing to say in JSON, and dies of being asked to. */
const PANIC: WebAnswer = { status: 500, headers: { 'content-type': JSON_TYPE } }
const TIMESTAMP = '/api/v1/timestamp'
const MAX_BODY = 1024 * 1024
const MAX_JSON = 1024

class TimestampError extends Error {
  readonly status: 400 | 415

  constructor(message: string, status: 400 | 415) {
    super(message)
    this.status = status
  }
}

const WEAK = 'Weak hash algorithm in timestamp request'
const UNREADABLE = 'Error generating timestamp response'

const refuse = (message: string, status: 400 | 415 = 400): never => {
  throw new TimestampError(message, status)
}

const failure = (
  status: number,
  message: string,
  { headers = {}, code = status }: { headers?: Readonly<Record<string, string>>; code?: number } = {},
): WebAnswer => json(status, { code, message }, headers)

const notAllowed = (method: string, allow: string): WebAnswer =>
  failure(405, `method ${method} is not allowed, but [${allow}] are`, { headers: { allow } })

/** What a client asks for. */
type Ask = StampOptions & {
  readonly hash: HashName
  readonly imprint: Uint8Array
  readonly wantsCertificate: boolean
}

/** Sigstore's timestamp authority (its openapi.yaml), the panic over `Accept: application/json` included. */
export function serveTsa(tsa: Tsa): Handler {
  return (request) => {
    const { method, path: given, headers } = request
    if (given === '/ping') return text(200, '.', 'text/plain')
    const path = cleanPath(given)
    if (path === `${TIMESTAMP}/certchain`) {
      return method === 'GET' ? tellChain(tsa, headers.accept) : notAllowed(method, 'GET')
    }
    if (path !== TIMESTAMP) return failure(404, `path ${given} was not found`)
    return method === 'POST' ? stamp(tsa, request) : notAllowed(method, 'POST')
  }
}

function tellChain(tsa: Tsa, accept: string | undefined): WebAnswer {
  const type = negotiate(accept, [CHAIN, JSON_TYPE])
  if (type === undefined) {
    return failure(406, `unsupported media type requested, only [${CHAIN} ${JSON_TYPE}] are available`)
  }
  if (type === JSON_TYPE) return PANIC
  const chain = [tsa.signer, tsa.root].map(({ certificate }) => toPem('CERTIFICATE', certificate))
  return text(200, chain.join(''), CHAIN)
}

function stamp(tsa: Tsa, request: WebRequest): WebAnswer {
  const type = request.headers['content-type']
  const refused = contentTypeFault(type, ['application/timestamp-query', JSON_TYPE])
  if (refused !== undefined) return failure(refused.status, refused.message)
  if (request.body.length === 0) return failure(422, 'request in body is required', { code: 602 })
  const accepted = negotiate(request.headers.accept, [REPLY, JSON_TYPE])
  if (accepted !== REPLY) return accepted === undefined ? { status: 500 } : PANIC
  try {
    const { wantsCertificate, ...ask } = parseAsk(type ?? '', request.body)
    const certificates = wantsCertificate ? [tsa.signer.certificate] : []
    const body = tsa.stamp(new Uint8Array(), { ...ask, certificates })
    return { status: 200, headers: { 'content-type': REPLY }, body }
  } catch (error) {
    // JSON, whatever the header says.
    if (error instanceof TimestampError) {
      return failure(error.status, error.message, { headers: { 'content-type': REPLY } })
    }
    throw error
  }
}

/** The authority looks at the header again, and by then a parameter or a capital is too much. */
function parseAsk(type: string, body: Uint8Array): Ask {
  if (body.length > MAX_BODY) refuse(UNREADABLE)
  if (type.split('application/').length !== 2) refuse(UNREADABLE, 415)
  const form = type.split('application/')[1]
  if (form !== 'json' && form !== 'timestamp-query') refuse(UNREADABLE)
  if (form === 'json' && body.length > MAX_JSON) refuse('timestamp request is too large')
  const ask = form === 'json' ? parseJsonAsk(body) : parseDerAsk(body)
  if (ask.imprint.length !== LENGTHS[ask.hash]) {
    refuse('Message digest has incorrect length for specified algorithm')
  }
  if (ask.policy !== undefined && ask.policy !== POLICY) {
    refuse('unaccepted policy: requested TSA policy is not supported by the TSA')
  }
  return ask
}

const LENGTHS: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 }

const isHash = (name: string): name is HashName => Object.hasOwn(LENGTHS, name)

/** `{artifactHash, hashAlgorithm, certificates, nonce, tsaPolicyOID}`. */
function parseJsonAsk(body: Uint8Array): Ask {
  const fields = parseFields(body) ?? refuse(UNREADABLE)
  const hash = textAt(fields, 'hashAlgorithm').toLowerCase()
  if (!isHash(hash)) return refuse(hash === 'sha1' ? WEAK : UNREADABLE)
  const imprint = bytesAt(fields, 'artifactHash') ?? new Uint8Array()
  const nonce = at(fields, 'nonce')
  const policy = textAt(fields, 'tsaPolicyOID')
  return {
    hash,
    imprint,
    wantsCertificate: at(fields, 'certificates') === true,
    ...(typeof nonce === 'number' && nonce !== 0 && { nonce: BigInt(nonce) }),
    ...(policy !== '' && { policy }),
  }
}

const HASHES: Readonly<Record<string, HashName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** DER TimeStampReq (RFC 3161 2.4.1). */
function parseDerAsk(body: Uint8Array): Ask {
  try {
    return readTimeStampReq(body)
  } catch (error) {
    if (error instanceof TimestampError) throw error
    return refuse(UNREADABLE)
  }
}

const elementsOf = (content: Uint8Array) => parseElements(content, 'INTERNAL', 'the request')

function readTimeStampReq(body: Uint8Array): Ask {
  const [version, imprint, ...rest] = elementsOf(parseDer(body, 'INTERNAL', 'the request').content)
  // Any version will do.
  parseInteger(version, 'INTERNAL', 'version')
  const [algorithm, hashed] = elementsOf(imprint?.content ?? refuse(UNREADABLE))
  if (algorithm === undefined || hashed?.tag !== 0x04) return refuse(UNREADABLE)
  const oid = parseOid(elementsOf(algorithm.content)[0], 'INTERNAL', 'the hash algorithm')
  const hash = HASHES[oid] ?? refuse(WEAK)
  if (rest.some(({ tag }) => tag === 0xa0)) {
    refuse('unaccepted extension: requested extensions are not supported by the TSA')
  }
  const policy = rest.find(({ tag }) => tag === 0x06)
  const nonce = rest.find(({ tag }) => tag === 0x02)
  return {
    hash,
    imprint: hashed.content,
    wantsCertificate: rest.some(({ tag, content }) => tag === 0x01 && content[0] === 0xff),
    ...(policy && { policy: parseOid(policy, 'INTERNAL', 'the policy') }),
    ...(nonce && { nonce: parseInteger(nonce, 'INTERNAL', 'the nonce') }),
  }
}
