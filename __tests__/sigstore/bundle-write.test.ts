import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundleFromJSON } from '@sigstore/bundle'
import { type EnvelopeContent, type MessageContent, parseBundle } from '../../src/sigstore/bundle.ts'
import { type BundleParts, encodeBundle } from '../../src/sigstore/bundle-write.ts'
import type { LogEntry } from '../../src/sigstore/log-entry.ts'
import { withoutSharedData } from '../core/shared-data.ts'
import { bundleText } from './real-bundles.ts'

const HASH = new Uint8Array(32)
const ENTRY: LogEntry = {
  logIndex: 0n,
  logId: HASH,
  kind: 'hashedrekord',
  version: '0.0.2',
  proof: { logIndex: 0n, treeSize: 1n, rootHash: HASH, hashes: [], checkpoint: 'note\n' },
  body: Uint8Array.of(1),
}
const PARTS: BundleParts = {
  certificate: Uint8Array.of(4, 5, 6),
  content: { kind: 'message', digest: { hash: 'sha256', value: HASH }, signature: Uint8Array.of(1, 2, 3) },
  entries: [ENTRY],
  timestamps: [Uint8Array.of(7)],
}
const write = (changes: Partial<BundleParts> = {}): string =>
  Buffer.from(encodeBundle({ ...PARTS, ...changes })).toString()
const ZERO = `${'A'.repeat(43)}=`

test('a message signature: one line, zero indexes and empty lists written out', () => {
  assert.equal(
    write(),
    `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":"BAUG"},"tlogEntries":[{"logIndex":"0","logId":{"keyId":"${ZERO}"},"kindVersion":{"kind":"hashedrekord","version":"0.0.2"},"inclusionProof":{"logIndex":"0","rootHash":"${ZERO}","treeSize":"1","hashes":[],"checkpoint":{"envelope":"note\\n"}},"canonicalizedBody":"AQ=="}],"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"Bw=="}]}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"${ZERO}"},"signature":"AQID"}}`,
  )
})

test('an attestation', () => {
  const text = write({
    content: {
      kind: 'envelope',
      payloadType: 'text/x',
      payload: Uint8Array.of(9),
      keyid: '',
      signature: Uint8Array.of(1),
    },
  })
  assert.match(
    text,
    /"dsseEnvelope":\{"payload":"CQ==","payloadType":"text\/x","signatures":\[\{"sig":"AQ==","keyid":""\}\]\}\}$/,
  )
  assert.doesNotMatch(text, /messageSignature/)
})

test('time and promise of Rekor v1 are written, those of nobody are not', () => {
  const entry: LogEntry = {
    ...ENTRY,
    version: '0.0.1',
    integratedTime: 1764787003n,
    promise: Uint8Array.of(1, 2, 3),
  }
  assert.match(
    write({ entries: [entry] }),
    /"integratedTime":"1764787003","inclusionPromise":\{"signedEntryTimestamp":"AQID"\}/,
  )
  for (const text of [write(), write({ entries: [{ ...ENTRY, integratedTime: 0n }] })]) {
    assert.doesNotMatch(text, /integratedTime|inclusionPromise|null/)
  }
})

test('without timestamps there is no place for them', () => {
  assert.doesNotMatch(write({ timestamps: [] }), /timestampVerificationData/)
})

test('numbers beyond 2^53 stay whole', () => {
  assert.match(
    write({ entries: [{ ...ENTRY, logIndex: 2n ** 63n - 1n }] }),
    /"logIndex":"9223372036854775807"/,
  )
})

test('other readers read it', () => {
  const bundle = bundleFromJSON(JSON.parse(write()))
  assert.equal(bundle.verificationMaterial.tlogEntries[0]?.canonicalizedBody.length, 1)
})

const REAL = [
  'conformance/happy-path-v0.3-new-mediaType',
  'conformance/rekor2-happy-path',
  'conformance/rekor2-dsse-happy-path',
  'conformance/rekor2-checkpoint-multiple-cosigs',
  'extra/cosign-v3-blob',
  'extra/staging-dsse-rekor2',
]

for (const name of REAL) {
  test(`a bundle of another client, read and written, is the same: ${name}`, {
    skip: withoutSharedData,
  }, () => {
    const bundle = parseBundle(bundleText(`${name}/bundle`))
    const { key, content, entries, timestamps } = bundle
    assert.ok(key.kind === 'certificate')
    const parts = { certificate: key.leaf.raw, entries, timestamps }
    const again = encodeBundle({ ...parts, content: signedContent(content) })
    assert.deepEqual(parseBundle(again), bundle)
  })
}

function signedContent(content: MessageContent | EnvelopeContent): BundleParts['content'] {
  if (content.kind === 'envelope') return content
  assert.ok(content.digest?.hash === 'sha256')
  return { ...content, digest: { hash: 'sha256', value: content.digest.value } }
}
