import { type GoodBundle, goodBundles, type Instance, withInstance } from './good-bundles.ts'
import { encodeJson, isBase64, leavesOf, nameOf, type Path, valueAt, withValue } from './json-leaves.ts'
import { type Property, startTally, type Tally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

/** What nothing signs or compares, each with the reason. Everything else must be refused. */
const UNSIGNED: Readonly<Record<string, string>> = {}

/** The same in the older form that GitHub and many clients still write. */
function inForm02(good: GoodBundle): GoodBundle {
  const { verificationMaterial, ...rest } = JSON.parse(Buffer.from(good.bytes).toString('utf8'))
  const { certificate, ...material } = verificationMaterial
  const bundle = {
    ...rest,
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2',
    verificationMaterial: { x509CertificateChain: { certificates: [certificate] }, ...material },
  }
  return { ...good, name: `${good.name}, bundle 0.2`, bytes: encodeJson(bundle) }
}

/** Six as they are made today, and four of them in the older form. */
function specimensOf(instance: Instance): readonly GoodBundle[] {
  const good = goodBundles(instance)
  const older = good.filter(({ name }) => !/alone|both logs/.test(name))
  return [...good, ...older.map(inForm02)]
}

/** Text is seven bits wide, what is in base64 is eight. */
function flip(bundle: unknown, path: Path, byte: number, bit: number): Uint8Array {
  const text = String(valueAt(bundle, path))
  const bytes = Buffer.from(text, isBase64(path) ? 'base64' : 'utf8')
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit)
  return encodeJson(withValue(bundle, path, bytes.toString(isBase64(path) ? 'base64' : 'utf8')))
}

/**
 * Beside the signer of a timestamp nothing signs the sets of certificates and of CRLs (RFC 5652 5.1). Where the first is
 * there and empty, its lowest bit makes it the second, as empty.
 */
function isEmptySet(bundle: unknown, path: Path, byte: number, bit: number): boolean {
  if (path.at(-1) !== 'signedTimestamp' || bit !== 0) return false
  const bytes = Buffer.from(String(valueAt(bundle, path)), 'base64')
  return bytes[byte] === 0xa0 && bytes[byte + 1] === 0
}

/** One bit of each byte, another one each time; all of them if there is time. */
function flipAll(instance: Instance, good: GoodBundle, full: boolean, tally: Tally): void {
  const bundle: unknown = JSON.parse(Buffer.from(good.bytes).toString('utf8'))
  for (const path of leavesOf(bundle)) {
    if (UNSIGNED[nameOf(path)] !== undefined) continue
    const width = isBase64(path) ? 8 : 7
    const size = Buffer.from(String(valueAt(bundle, path)), isBase64(path) ? 'base64' : 'utf8').length
    for (let byte = 0; byte < size; byte += 1) {
      for (const bit of full ? Array.from({ length: width }, (_, i) => i) : [byte % width]) {
        if (isEmptySet(bundle, path, byte, bit)) continue
        const changed = flip(bundle, path, byte, bit)
        const verdict = judge(instance.verify, changed, good.artifact, instance.identity)
        tally.check(isRefusal(verdict), `${good.name}: ${nameOf(path)}, byte ${byte}, bit ${bit}: ${verdict}`)
      }
    }
  }
}

export const property: Property = {
  number: 2,
  title: 'Every bound byte matters',
  measure: ({ full }) =>
    withInstance((instance) => {
      const tally = startTally()
      const specimens = specimensOf(instance)
      for (const good of specimens) {
        const verdict = judge(instance.verify, good.bytes, good.artifact, instance.identity)
        if (verdict !== 'accepted') throw new Error(`${good.name} is refused untouched: ${verdict}`)
        flipAll(instance, good, full, tally)
      }
      const left = Object.keys(UNSIGNED)
      return tally.result(
        `flips in ${specimens.length} bundles refused, ${full ? 'every bit' : 'one bit'} of every byte of every member; ` +
          `left out because nothing signs it: ${['the tag of an empty set in a timestamp', ...left].join(', ')}`,
      )
    }),
}
