import { type Case, grpcError, ok, type Relation, type Suite } from './case.ts'
import { type Answer, type Ask, postJson, type Target, textOf } from './exchange.ts'
import { base64, createKey, type Material, sha256 } from './material.ts'
import type { Shape } from './shape.ts'

const url = ({ rekorV2 }: Target): string => `${rekorV2}/api/v2/log/entries`

const request = ({
  certificate,
  digest,
  signature,
}: Pick<Material, 'certificate' | 'digest' | 'signature'>): object => ({
  hashedRekordRequestV002: {
    digest: base64(digest),
    signature: {
      content: base64(signature),
      verifier: { x509Certificate: { rawBytes: base64(certificate) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
    },
  },
})

const posting =
  (make: (material: Material) => unknown): Case['ask'] =>
  ({ target, material }): Ask =>
    postJson(url(target), make(material))

const edited = (from: RegExp | string, to: string): Case['ask'] =>
  posting((material) => JSON.stringify(request(material)).replace(from, to))

const getting =
  (path: string): Case['ask'] =>
  ({ target }) => ({ url: `${target.rekorV2}${path}` })

const reading =
  (path: string, method: 'GET' | 'HEAD' = 'GET'): Case['ask'] =>
  ({ target }) => ({ method, url: `${target.rekorV2Read}${path}` })

const own = createKey()

const byKey = (text: string): unknown => ({
  hashedRekordRequestV002: {
    digest: base64(sha256(Buffer.from(text))),
    signature: {
      content: base64(own.sign(text)),
      verifier: { publicKey: { rawBytes: base64(own.spki) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
    },
  },
})

/** The tile that ends where the checkpoint does. */
const lastTile =
  (kind: '0' | 'entries'): Case['ask'] =>
  ({ target, recall }) => {
    const size = Number(textOf(recall('the checkpoint')).split('\n')[1])
    return { url: `${target.rekorV2Read}/tile/${kind}/000.p/${size}` }
  }

/** As the log answers with an entry whose key is known in this way. */
const logged = (verifier: 'publicKey' | 'x509Certificate'): Shape =>
  ok(
    {
      logIndex: '<digits>',
      logId: { keyId: '<base64>' },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: '<digits>',
        rootHash: '<base64>',
        treeSize: '<digits>',
        hashes: ['<base64>'],
        checkpoint: { envelope: '<checkpoint>' },
      },
      canonicalizedBody: {
        base64: {
          apiVersion: '0.0.2',
          kind: 'hashedrekord',
          spec: {
            hashedRekordV002: {
              data: { algorithm: 'SHA2_256', digest: '<base64>' },
              signature: {
                content: '<base64>',
                verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', [verifier]: { rawBytes: '<base64>' } },
              },
            },
          },
        },
      },
    },
    201,
  )

const CASES: readonly Case[] = [
  { name: 'a signature by digest', ask: posting(request), answer: logged('x509Certificate') },
  {
    name: 'the same again',
    ask: posting(request),
    answer: {
      ...grpcError(409, 6, 'an equivalent entry already exists in the transparency log with index <number>'),
      headers: { 'x-log-index': '<digits>' },
    },
  },
  { name: 'by a public key', ask: posting(() => byKey('a text')), answer: logged('publicKey') },
  {
    name: 'an attestation of the old form',
    ask: posting(({ envelope, certificate }) => ({
      dsseRequestV002: {
        envelope: JSON.parse(envelope),
        verifiers: [
          { x509Certificate: { rawBytes: base64(certificate) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
        ],
      },
    })),
    answer: grpcError(400, 3, 'invalid type, must be hashedrekord'),
  },
  {
    name: 'a signature over another digest',
    ask: posting((material) => request({ ...material, digest: sha256(material.digest) })),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'a signature that is none',
    ask: posting((material) => request({ ...material, signature: Buffer.from('nonsense') })),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'a digest that is too short',
    ask: posting((material) => request({ ...material, digest: material.digest.slice(1) })),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'no digest',
    ask: edited(/"digest":"[^"]*",/, ''),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'no signature',
    ask: edited(/"content":"[^"]*",/, ''),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'no verifier',
    ask: edited(/"x509Certificate":{[^}]*},/, ''),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'no algorithm',
    ask: edited(/,"keyDetails":"[^"]*"/, ''),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'nonsense for a certificate',
    ask: posting((material) => request({ ...material, certificate: Buffer.from('nonsense') })),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'an algorithm that the key does not have',
    ask: edited('PKIX_ECDSA_P256_SHA_256', 'PKIX_ECDSA_P384_SHA_384'),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'an algorithm that the shard does not take',
    ask: edited('PKIX_ECDSA_P256_SHA_256', 'PKIX_ED25519'),
    answer: grpcError(400, 3, 'invalid hashedrekord request'),
  },
  {
    name: 'an algorithm that does not exist',
    ask: edited('PKIX_ECDSA_P256_SHA_256', 'PKIX_NOTHING'),
    answer: grpcError(400, 3, 'proto: (line): invalid value for enum field keyDetails: "PKIX_NOTHING"'),
  },
  {
    name: 'a member that it does not know',
    ask: edited('"keyDetails"', '"hint":1,"keyDetails"'),
    answer: grpcError(400, 3, 'proto: (line): unknown field "hint"'),
  },
  {
    name: 'base64 that is none',
    ask: edited(/"digest":"[^"]*"/, '"digest":"%%%"'),
    answer: grpcError(400, 3, 'proto: (line): invalid value for bytes field digest: "%%%"'),
  },
  {
    name: 'a number for a digest',
    ask: edited(/"digest":"[^"]*"/, '"digest":7'),
    answer: grpcError(400, 3, 'proto: (line): invalid value for bytes field digest: 7'),
  },
  {
    name: 'malformed JSON',
    ask: posting(() => '{"hashedRekordRequestV002":'),
    answer: grpcError(400, 3, 'unexpected EOF'),
  },
  {
    name: 'an empty object',
    ask: posting(() => ({})),
    answer: grpcError(400, 3, 'invalid type, must be hashedrekord'),
  },
  {
    name: 'an empty body',
    ask: posting(() => ''),
    answer: grpcError(400, 3, 'invalid type, must be hashedrekord'),
  },
  {
    name: 'JSON that is no object',
    ask: posting(() => '[]'),
    answer: grpcError(400, 3, 'proto: syntax error (line): unexpected token ['),
  },
  {
    name: 'text for a content type',
    ask: ({ target, material }) =>
      postJson(
        url(target),
        request({
          ...material,
          digest: sha256(material.digest),
          signature: material.key.sign(material.digest),
        }),
        { 'content-type': 'text/plain' },
      ),
    answer: logged('x509Certificate'),
  },
  {
    name: 'no content type',
    ask: ({ target, material }) => {
      const digest = sha256(material.digest)
      return postJson(
        url(target),
        request({ ...material, digest: sha256(digest), signature: material.key.sign(digest) }),
        {},
      )
    },
    answer: logged('x509Certificate'),
  },
  { name: 'GET', ask: getting('/api/v2/log/entries'), answer: grpcError(501, 12, 'Method Not Allowed') },
  {
    name: 'the checkpoint',
    ask: reading('/checkpoint'),
    answer: { status: 200, type: 'text/plain;charset=utf-8', body: '<checkpoint>' },
  },
  {
    name: 'the head of the checkpoint',
    ask: reading('/checkpoint', 'HEAD'),
    answer: { status: 200, type: 'text/plain;charset=utf-8', body: '' },
  },
  {
    name: 'the tile of hashes',
    ask: lastTile('0'),
    answer: { status: 200, type: 'application/octet-stream', body: '<bytes>' },
  },
  {
    name: 'the tile of entries',
    ask: lastTile('entries'),
    answer: { status: 200, type: 'application/octet-stream', body: '<bytes>' },
  },
  {
    name: 'a tile that is not full',
    ask: reading('/tile/0/000'),
    answer: { status: 404, type: '', body: '' },
  },
  { name: 'a tile beyond the log', ask: reading('/tile/0/001'), answer: { status: 404, type: '', body: '' } },
  {
    name: 'a tile of a level beyond the log',
    ask: reading('/tile/5/000'),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a malformed tile',
    ask: reading('/tile/nothing/000'),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a malformed width',
    ask: reading('/tile/0/000.p/999'),
    answer: { status: 404, type: '', body: '' },
  },
  { name: 'an unknown path', ask: getting('/api/v2/nothing'), answer: grpcError(404, 5, 'Not Found') },
  { name: 'a path of another version', ask: getting('/api/v1/log'), answer: grpcError(404, 5, 'Not Found') },
  {
    name: 'POST to the checkpoint',
    ask: ({ target }) => postJson(`${target.rekorV2}/api/v2/checkpoint`, {}),
    answer: grpcError(501, 12, 'Method Not Allowed'),
  },
  { name: 'health', ask: getting('/healthz'), answer: ok({ status: 'SERVING' }) },
]

interface LogEntry {
  readonly logIndex: string
  readonly inclusionProof: { readonly treeSize: string; readonly checkpoint: { readonly envelope: string } }
}

const entryOf = (answer: Answer): LogEntry => JSON.parse(textOf(answer))
const sizeOf = (checkpoint: string): number => Number(checkpoint.split('\n')[1])

const RELATIONS: readonly Relation[] = [
  {
    name: 'an answer comes with a checkpoint that covers the entry',
    holds: (recall) => {
      const { logIndex, inclusionProof } = entryOf(recall('a signature by digest'))
      const size = Number(inclusionProof.treeSize)
      return Number(logIndex) < size && sizeOf(inclusionProof.checkpoint.envelope) === size
    },
  },
  {
    name: 'what was answered, readers can read',
    holds: (recall) =>
      sizeOf(textOf(recall('the checkpoint'))) > Number(entryOf(recall('no content type')).logIndex),
  },
  {
    name: 'the tile of hashes holds as many as the checkpoint says',
    holds: (recall) =>
      recall('the tile of hashes').body.length === 32 * sizeOf(textOf(recall('the checkpoint'))),
  },
  {
    name: 'entries follow each other',
    holds: (recall) =>
      Number(entryOf(recall('a signature by digest')).logIndex) <
      Number(entryOf(recall('by a public key')).logIndex),
  },
  {
    name: 'a conflict names the entry that was there first',
    holds: (recall) =>
      recall('the same again').headers['x-log-index'] === entryOf(recall('a signature by digest')).logIndex,
  },
]

const prepare = ['one', 'two'].map((text) => posting(() => byKey(text)))

export const REKOR_V2: Suite = { service: 'Rekor v2', prepare, cases: CASES, relations: RELATIONS }
