import { type Case, grpcError, type Relation, type Suite } from './case.ts'
import { type Answer, postJson, textOf } from './exchange.ts'
import { base64, sha256 } from './material.ts'
import { REKOR_V2_EVIDENCE } from './rekor-v2-evidence.ts'
import { REKOR_V2_READS } from './rekor-v2-reads.ts'
import { byKey, edited, logged, posting, request, url } from './rekor-v2-requests.ts'

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
    name: 'a member twice',
    ask: edited('{"digest"', '{"digest":"AA==","digest"'),
    answer: grpcError(400, 3, 'proto: (line): duplicate field "digest"'),
  },
  {
    name: 'more behind the JSON',
    ask: posting(() => `${JSON.stringify(byKey('more behind'))}{}`),
    answer: logged('publicKey'),
    stricter: grpcError(400, 3, 'proto: syntax error (line): invalid value'),
  },
  {
    name: 'a member in the spelling of the proto file',
    ask: posting(() => JSON.stringify(byKey('spelling')).replace('"keyDetails"', '"key_details"')),
    answer: logged('publicKey'),
    stricter: grpcError(400, 3, 'proto: (line): unknown field "key_details"'),
  },
  {
    name: 'a digest in base64 for URLs, without padding',
    ask: posting(() =>
      JSON.stringify(byKey('for URLs')).replace(/"digest":"[^"]*"/, (member) =>
        member.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
      ),
    ),
    answer: logged('publicKey'),
    stricter: grpcError(400, 3, 'invalid hashedrekord request'),
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
  ...REKOR_V2_READS,
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
    holds: ({ recall }) => {
      const { logIndex, inclusionProof } = entryOf(recall('a signature by digest'))
      const size = Number(inclusionProof.treeSize)
      return Number(logIndex) < size && sizeOf(inclusionProof.checkpoint.envelope) === size
    },
  },
  {
    name: 'what was answered, readers can read',
    holds: ({ recall }) =>
      sizeOf(textOf(recall('the checkpoint'))) > Number(entryOf(recall('no content type')).logIndex),
  },
  {
    name: 'the tile of hashes holds as many as the checkpoint says',
    holds: ({ recall }) =>
      recall('the tile of hashes').body.length === 32 * sizeOf(textOf(recall('the checkpoint'))),
  },
  {
    name: 'entries follow each other',
    holds: ({ recall }) =>
      Number(entryOf(recall('a signature by digest')).logIndex) <
      Number(entryOf(recall('by a public key')).logIndex),
  },
  {
    name: 'a conflict names the entry that was there first',
    holds: ({ recall }) =>
      recall('the same again').headers['x-log-index'] === entryOf(recall('a signature by digest')).logIndex,
  },
]

const prepare = ['one', 'two'].map((text) => posting(() => byKey(text)))

export const REKOR_V2: Suite = {
  service: 'Rekor v2',
  prepare,
  cases: CASES,
  relations: [...RELATIONS, ...REKOR_V2_EVIDENCE],
}
