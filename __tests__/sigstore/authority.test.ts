import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { parseCertificate } from '../../src/core/x509.ts'
import { verifyPath } from '../../src/sigstore/authority.ts'
import { createInstance, flip, THEN } from './hostile-bundles.ts'

const { authorities, trust } = createInstance()

const issue = (): Uint8Array =>
  authorities.fulcio.issue({
    spki: generateEcdsaKey().spki,
    identity: { iss: authorities.issuer.url, ...authorities.issuer.claims },
    notBefore: THEN,
  }).certificate

const judge = (der: Uint8Array, time = THEN): number =>
  verifyPath(parseCertificate(der), trust.certificateAuthorities, [time]).length

test('what is remembered of a leaf is about its very bytes', () => {
  const good = issue()
  assert.equal(judge(good), 2)
  assert.equal(judge(good), 2)
  assert.throws(() => judge(flip(good)), { code: 'CERT_CHAIN' })
  assert.throws(() => judge(flip(good)), { code: 'CERT_CHAIN' })
  assert.equal(judge(good), 2)
})

test('times are judged each time, whatever is remembered', () => {
  const good = issue()
  assert.equal(judge(good), 2)
  assert.throws(() => judge(good, THEN - 1000), { code: 'CERT_VALIDITY' })
  assert.throws(() => judge(good, THEN + 11 * 60_000), { code: 'CERT_VALIDITY' })
})

test('more leaves than are remembered', () => {
  const leaves = Array.from({ length: 130 }, issue)
  for (const round of [1, 2]) for (const leaf of leaves) assert.equal(judge(leaf), 2, `round ${round}`)
})
