import { hash } from 'node:crypto'
import { createSigstoreJs } from '../../bench/sigstore-js.ts'
import { type GoodBundle, goodBundles, withInstance } from './good-bundles.ts'
import { encodeJson, valueAt, withValue } from './json-leaves.ts'
import { mutateBundle } from './mutate-bundle.ts'
import { type Property, pick, startRandom, startTally } from './property.ts'
import { judge } from './verdict.ts'

const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'))

const ENTRIES = ['verificationMaterial', 'tlogEntries']
const ROOT = ['inclusionProof', 'rootHash']
const MESSAGE = ['messageSignature']
const DIGEST = [...MESSAGE, 'messageDigest']

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

/**
 * Two forms the other client cannot read, though the specifications have them: an entry of Rekor v2 without its body
 * (Rekor v2 specification 6.1.4), and a message signature without the digest that is only a hint (sigstore_common.proto).
 * It gets the body that the log holds at that place, and the digest of the artifact: all else is still compared.
 */
function completed(bundle: unknown, artifact: Uint8Array, sources: readonly unknown[]): unknown {
  const logged = sources.flatMap((source) => listOf(valueAt(source, ENTRIES)))
  const entries = listOf(valueAt(bundle, ENTRIES)).map((entry) => {
    const isV2 = valueAt(entry, ['kindVersion', 'version']) === '0.0.2'
    if (!isV2 || !isAbsent(valueAt(entry, ['canonicalizedBody']))) return entry
    const known = logged.find((one) => valueAt(one, ROOT) === valueAt(entry, ROOT))
    return withValue(entry, ['canonicalizedBody'], valueAt(known, ['canonicalizedBody']))
  })
  const whole = withValue(bundle, ENTRIES, entries)
  if (isAbsent(valueAt(whole, MESSAGE)) || !isAbsent(valueAt(whole, DIGEST))) return whole
  const digest = hash('sha256', artifact, 'buffer').toString('base64')
  return withValue(whole, DIGEST, { algorithm: 'SHA2_256', digest })
}

type Outcome = 'refused' | 'both accept' | 'both accept once completed' | `WRONG ${string}`

export const property: Property = {
  number: 21,
  title: 'Stricter than the library, never looser',
  measure: ({ full }) =>
    withInstance((instance) => {
      const { sandbox, verify, identity } = instance
      const theirs = createSigstoreJs(sandbox.trustedRoot)
      const goods = ['a', 'b'].flatMap((build) => goodBundles(instance, build))
      const sources = goods.map(({ bytes }) => parse(bytes))
      const compare = ({ form, artifact, name }: GoodBundle, bytes: Uint8Array): Outcome => {
        const verdict = judge(verify, bytes, artifact, identity)
        if (verdict !== 'accepted') return verdict.startsWith('bug: ') ? `WRONG ${verdict}` : 'refused'
        const bundle = parse(bytes)
        const whole = completed(bundle, artifact, sources)
        const isWhole = JSON.stringify(whole) === JSON.stringify(bundle)
        try {
          theirs(isWhole ? bytes : encodeJson(whole), form === 'message' ? artifact : undefined, identity)
          return isWhole ? 'both accept' : 'both accept once completed'
        } catch (error) {
          return `WRONG only we accept a change of ${name}: ${String(error)}: ${JSON.stringify(bundle)}`
        }
      }
      const tally = startTally()
      const random = startRandom(21)
      const counts = { 'both accept': 0, 'both accept once completed': 0 }
      for (let i = 0; i < (full ? 100_000 : 8000); i += 1) {
        const good = pick(random, goods)
        const outcome = compare(good, mutateBundle(random, parse(good.bytes), sources))
        tally.check(!outcome.startsWith('WRONG'), outcome)
        if (outcome === 'both accept' || outcome === 'both accept once completed') counts[outcome] += 1
      }
      if (counts['both accept'] === 0) throw new Error('nothing was accepted, so nothing was compared')
      return tally.result(
        `mutated bundles that we refuse or both accept: ${counts['both accept']} accepted as they are, ` +
          `${counts['both accept once completed']} in one of two forms that only our parser reads, by their content`,
      )
    }),
}
