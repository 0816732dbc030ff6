import { encodeUtf8 } from '../core/bytes.ts'
import type { Json } from '../core/json.ts'
import { isPresent, jsonReader } from '../core/json-reader.ts'
import { isSnappyStream, parseSnappyBlock, parseSnappyStream, type SnappyRules } from '../core/snappy.ts'
import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../ports.ts'
import { type GitHub, parseAnswer, requestApi } from './api.ts'
import { requestPages } from './paging.ts'
import { assertStatus, type Wanted } from './refusal.ts'

/** An attestation as GitHub lists it: the bundle itself, or where it is kept. Nothing of either is verified. */
export interface ListedAttestation {
  readonly bundle?: Json
  readonly url?: string
}

export interface AttestationQuery {
  /** `owner/name`. */
  readonly repository: string
  /** Of the subject: SHA-256, hexadecimal. */
  readonly digest: string
  /** The exact type; all of them if absent. */
  readonly predicateType?: string
}

const read = jsonReader('GITHUB_RESPONSE')

const AVAILABLE =
  'GitHub keeps attestations of public repositories, and of private ones on Enterprise Cloud; a server of your own has no store.'

const reading = ({ repository }: AttestationQuery): Wanted => ({
  what: `reading the attestations of ${repository}`,
  permission: 'attestations: read',
  hint: `Give the job \`permissions: attestations: read\`. ${AVAILABLE}`,
})

/**
 * `GET /repos/{owner}/{repo}/attestations/{subject_digest}`, page by page. 404 means that there are none, or that the token
 * may not see them: GitHub does not say which. Anything else but 200 throws as `refusalError` does.
 */
export async function* requestAttestations(
  github: GitHub,
  query: AttestationQuery,
): AsyncGenerator<readonly ListedAttestation[], void, undefined> {
  const [owner = '', repo = ''] = query.repository.split('/')
  const { predicateType } = query
  const pages = requestPages(github, {
    route: 'GET /repos/{owner}/{repo}/attestations/{subject_digest}',
    parameters: {
      owner,
      repo,
      subject_digest: `sha256:${query.digest}`,
      per_page: 100,
      ...(predicateType !== undefined && { predicate_type: predicateType }),
    },
  })
  for await (const answer of pages) {
    if (answer.status === 404) return
    yield parseList(assertStatus(answer, [200], reading(query)))
  }
}

function parseList({ body }: HttpResponse): readonly ListedAttestation[] {
  const what = 'the list of attestations'
  const { attestations } = read.object(parseAnswer(body, what), what)
  return read.list(attestations, 'attestations').map((value, i) => {
    const one = read.object(value, `attestations[${i}]`)
    const { bundle, bundle_url: url } = one
    return {
      ...(isPresent(bundle) && { bundle }),
      ...(isPresent(url) && { url: read.text(url, `attestations[${i}].bundle_url`) }),
    }
  })
}

const FILE_TIMEOUT = 60_000

/**
 * The text of a listed bundle, at most `maxBytes` of it. The address is signed and good for minutes: it gets no
 * credential, and must be at a host of GitHub's (GITHUB_HOST). Packed with Snappy in either format, or plain.
 * GITHUB_RESPONSE, BUNDLE_TOO_LARGE.
 */
export async function requestBundle(
  { http, hosts }: GitHub,
  { bundle, url: address }: ListedAttestation,
  maxBytes: number,
): Promise<Uint8Array> {
  if (bundle !== undefined) return encodeUtf8(JSON.stringify(bundle))
  if (address === undefined) {
    throw new ActionError('GITHUB_RESPONSE', 'GitHub lists an attestation without a bundle')
  }
  const url = URL.parse(address)
  if (url === null || !hosts.keepsFiles(url)) {
    throw new ActionError('GITHUB_HOST', "the bundle of an attestation is on a host that is not GitHub's")
  }
  const answer = await http({
    service: 'GitHub storage',
    method: 'GET',
    url,
    headers: { accept: 'application/x-snappy, application/json' },
    timeout: FILE_TIMEOUT,
    // Snappy makes what cannot be packed a sixth longer at the most.
    maxBytes: maxBytes + Math.ceil(maxBytes / 6) + 64,
  })
  if (answer.status === 200) return unpack(answer.body, maxBytes)
  throw new ActionError('GITHUB_RESPONSE', `GitHub's storage answers ${answer.status} instead of a bundle`)
}

const BRACE = 0x7b

/** A bundle in JSON begins with `{`; a block that began so would be 123 bytes of JSON, which no bundle is. */
function unpack(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const rules: SnappyRules = { maxBytes, malformed: 'GITHUB_RESPONSE', tooLarge: 'BUNDLE_TOO_LARGE' }
  if (isSnappyStream(bytes)) return parseSnappyStream(bytes, rules)
  if (bytes[0] !== BRACE) return parseSnappyBlock(bytes, rules)
  if (bytes.length <= maxBytes) return bytes
  throw new ActionError('BUNDLE_TOO_LARGE', `the bundle is larger than ${maxBytes} bytes`)
}

/**
 * `POST /repos/{owner}/{repo}/attestations`, sent once: a lost answer may have been a success. The answer as it came,
 * whatever its status: see `parseStored`.
 */
export function requestStore(github: GitHub, repository: string, bundle: Json): Promise<HttpResponse> {
  const [owner = '', repo = ''] = repository.split('/')
  return requestApi(github, {
    route: 'POST /repos/{owner}/{repo}/attestations',
    parameters: { owner, repo, bundle },
    once: true,
  })
}

/** GitHub's id of what was stored. Throws as `refusalError` does. */
export function parseStored(answer: HttpResponse, repository: string): string {
  const { body } = assertStatus(answer, [201], {
    what: `storing an attestation in ${repository}`,
    permission: 'attestations: write',
    hint: `Give the job \`permissions: attestations: write\`. ${AVAILABLE}`,
  })
  const what = 'the answer to a stored attestation'
  return read.int64(read.object(parseAnswer(body, what), what)['id'], 'id').toString()
}
