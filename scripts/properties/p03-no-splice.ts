import { type GoodBundle, goodBundles, withInstance } from './good-bundles.ts'
import { encodeJson, nameOf, placesOf, valueAt, withValue } from './json-leaves.ts'
import { type Property, startTally, type Tally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

type Judge = (bundle: unknown, artifact: Uint8Array) => string

const parse = (good: GoodBundle): unknown => JSON.parse(Buffer.from(good.bytes).toString('utf8'))

/** Rekor v2 gives no time: what an entry of it says about one is never looked at (protocol 9.5). */
const isIgnored = (bundle: unknown, path: readonly (string | number)[]): boolean =>
  path.at(-1) === 'integratedTime' &&
  valueAt(bundle, [...path.slice(0, -1), 'kindVersion', 'version']) === '0.0.2'

/** Puts every member that both have, and that differs, from one bundle into the other. */
function splice(into: GoodBundle, from: GoodBundle, verdictOf: Judge, tally: Tally): void {
  const [target, source] = [parse(into), parse(from)]
  tally.check(isRefusal(verdictOf(source, into.artifact)), `${from.name} for the artifact of ${into.name}`)
  for (const path of placesOf(source)) {
    const [old, other] = [valueAt(target, path), valueAt(source, path)]
    if (JSON.stringify(old) === JSON.stringify(other) || isIgnored(target, path)) continue
    if (valueAt(target, path.slice(0, -1)) === undefined) continue
    const verdict = verdictOf(withValue(target, path, other), into.artifact)
    tally.check(isRefusal(verdict), `${nameOf(path)} of ${from.name} in ${into.name}: ${verdict}`)
  }
}

export const property: Property = {
  number: 3,
  title: 'No splice',
  measure: () =>
    withInstance((instance) => {
      const tally = startTally()
      const bundles = ['a', 'b'].flatMap((build) => goodBundles(instance, build))
      const verdictOf: Judge = (bundle, artifact) =>
        judge(instance.verify, encodeJson(bundle), artifact, instance.identity)
      for (const into of bundles)
        for (const from of bundles) if (into !== from) splice(into, from, verdictOf, tally)
      return tally.result(
        'members of one of 12 bundles put into another, all ordered pairs; ' +
          'left out because nothing signs it: integratedTime of a Rekor v2 entry, which is never used',
      )
    }),
}
