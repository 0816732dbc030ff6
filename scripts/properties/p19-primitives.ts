import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'
import { ecdsaMatchesDigest } from '../../src/core/ecdsa.ts'
import { parsePublicKey, signatureMatches, signatureMatchesDigest } from '../../src/core/public-key.ts'
import { type Property, startRandom, startTally } from './property.ts'

const CURVES = [
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
] as const

/** A sound signature, one with a flipped bit, one over something else: each engine must say the same of each. */
export const property: Property = {
  number: 19,
  title: 'Primitives are right',
  measure: ({ full }) => {
    const tally = startTally()
    const random = startRandom(19)
    const rounds = full ? 33_000 : 300
    for (let i = 0; i < rounds; i += 1) {
      const [curve, name] = CURVES[i % 10 === 0 ? 1 : i % 25 === 1 ? 2 : 0]
      const pair = generateKeyPairSync('ec', { namedCurve: curve })
      const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }), 'CERT_KEY')
      if (key.type !== 'ecdsa') throw new Error('no ECDSA key')
      const data = randomBytes(random.below(200))
      const good = sign(name, data, pair.privateKey)
      const flipped = Buffer.from(good)
      const at = random.below(flipped.length)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
      for (const [signature, over, sound] of [
        [good, data, true],
        [flipped, data, false],
        [good, Buffer.concat([data, Buffer.of(0)]), false],
      ] as const) {
        const digest = hash(name, over, 'buffer')
        const byNode = signatureMatches(key, name, over, signature)
        const byNoble = ecdsaMatchesDigest(curve, key.point, digest, signature)
        const byDigest = signatureMatchesDigest(key, name, digest, signature)
        const agree = byNode === sound && byNoble === sound && byDigest === sound
        tally.check(
          agree,
          `round ${i}, ${curve}, ${sound ? 'sound' : 'wrong'}: node ${byNode}, noble ${byNoble}`,
        )
      }
    }
    return tally.result('random signatures, sound and wrong, on which node and noble agree with the truth')
  },
}
