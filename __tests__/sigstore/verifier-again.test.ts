import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { parsePublicKeyPem } from '../../src/core/public-key.ts'
import { ActionError } from '../../src/errors.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { type Verification, verifyBundle } from '../../src/sigstore/verifier.ts'
import { ARTIFACT, ATTESTATION, createInstance, MESSAGE, make, THEN } from './hostile-bundles.ts'

const instance = createInstance()
const HOUR = 3_600_000
const usual: Verification = { trust: instance.trust, now: THEN + HOUR }
const artifact = artifactOfBytes(ARTIFACT)

const codeOf = (
  bundle: ReturnType<typeof parseBundle>,
  about: typeof artifact,
  given: Verification,
): string => {
  try {
    verifyBundle(bundle, about, given)
    return 'accepted'
  } catch (error) {
    if (error instanceof ActionError) return error.code
    throw error
  }
}

suite('a bundle that held is asked again, and the verdict is that of a stranger', () => {
  for (const [kind, content] of Object.entries({
    'a message signature': MESSAGE,
    'an attestation': ATTESTATION,
  }))
    for (const [what, about, given] of [
      ['the same', artifact, usual],
      ['later', artifact, { ...usual, now: THEN + 2 * HOUR }],
      ['about another file', artifactOfBytes(Buffer.from('other')), usual],
      ['under another trusted root', artifact, { ...usual, trust: createInstance().trust }],
      ['before it was signed', artifact, { ...usual, now: THEN - 24 * HOUR }],
      [
        'with a key instead of the certificate',
        artifact,
        { ...usual, managedKey: parsePublicKeyPem(generateEcdsaKey().pem, 'INPUT_VALUE') },
      ],
    ] as const satisfies readonly (readonly [string, typeof artifact, Verification])[])
      test(`${kind}, ${what}`, () => {
        const bytes = Buffer.from(JSON.stringify(make(instance, {}, content).bundle))
        const fresh = codeOf(parseBundle(bytes), about, given)
        const bundle = parseBundle(bytes)
        assert.equal(codeOf(bundle, artifact, usual), 'accepted')
        assert.equal(codeOf(bundle, about, given), fresh)
        assert.equal(fresh === 'accepted', what === 'the same' || what === 'later')
        assert.equal(codeOf(bundle, artifact, usual), 'accepted')
      })
})
