import { equalBytes } from '../../src/core/bytes.ts'
import { type GoodBundle, goodBundles, withInstance } from './good-bundles.ts'
import { encodeJson, nameOf, placesOf, valueAt, withValue } from './json-leaves.ts'
import { type Property, startTally, type Tally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

type Judge = (bundle: unknown, artifact: Uint8Array) => string

const parse = (good: GoodBundle): unknown => JSON.parse(Buffer.from(good.bytes).toString('utf8'))

/** Puts every member that both have, and that differs, from one bundle into the other. */
function splice(into: GoodBundle, from: GoodBundle, verdictOf: Judge, tally: Tally): void {
  const [target, source] = [parse(into), parse(from)]
  if (!equalBytes(from.artifact, into.artifact)) {
    tally.check(isRefusal(verdictOf(source, into.artifact)), `${from.name} for the artifact of ${into.name}`)
  }
  for (const path of placesOf(source)) {
    const [old, other] = [valueAt(target, path), valueAt(source, path)]
    if (other === undefined || JSON.stringify(old) === JSON.stringify(other)) continue
    if (valueAt(target, path.slice(0, -1)) === undefined) continue
    // Nobody signs it and nobody reads it: the protocol has it ignored in an entry of Rekor v2.
    if (path.at(-1) === 'integratedTime' && into.name.includes('Rekor v2')) continue
    const spliced = encodeJson(withValue(target, path, other))
    const verdict = verdictOf(JSON.parse(Buffer.from(spliced).toString('utf8')), into.artifact)
    tally.check(isRefusal(verdict), `${nameOf(path)} of ${from.name} in ${into.name}: ${verdict}`)
  }
}

export const property: Property = {
  number: 3,
  title: 'No splice',
  measure: () =>
    withInstance((instance) => {
      const tally = startTally()
      const bundles = [...goodBundles(instance), ...goodBundles(instance)]
      const verdictOf: Judge = (bundle, artifact) =>
        judge(instance.verify, encodeJson(bundle), artifact, instance.identity)
      const distinct = bundles.map((one, i) => ({ ...one, name: `${one.name} (${i})` }))
      for (const into of distinct)
        for (const from of distinct) if (into !== from) splice(into, from, verdictOf, tally)
      return tally.result(
        'members of one of 12 bundles put into another, all ordered pairs; integratedTime into Rekor v2 left out, where nothing reads it',
      )
    }),
}
