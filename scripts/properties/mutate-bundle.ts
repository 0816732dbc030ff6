import { encodeJson, isBase64, leavesOf, type Path, placesOf, valueAt, withValue } from './json-leaves.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { pick, type Random } from './property.ts'

type Mutation = (random: Random, bundle: unknown, sources: readonly unknown[]) => unknown

const somewhere = (random: Random, bundle: unknown): Path => pick(random, placesOf(bundle))

/** Values that JSON and protobuf write in more than one way, or that mean nothing. */
const ODD: readonly unknown[] = [
  null,
  '',
  0,
  '0',
  -1,
  '-1',
  true,
  [],
  {},
  '00',
  '1',
  1.5,
  'AA==',
  'x',
  [null],
]

const MUTATIONS: readonly Mutation[] = [
  // bytes of what is in base64, or letters of a text
  (random, bundle) => {
    const path = pick(random, leavesOf(bundle))
    const form = isBase64(path) ? 'base64' : 'utf8'
    const bytes = mutateBytes(random, Buffer.from(String(valueAt(bundle, path)), form))
    return withValue(bundle, path, Buffer.from(bytes).toString(form))
  },
  (random, bundle) => withValue(bundle, somewhere(random, bundle), undefined),
  (random, bundle) => withValue(bundle, somewhere(random, bundle), pick(random, ODD)),
  // the same member of another bundle
  (random, bundle, sources) => {
    const path = somewhere(random, bundle)
    const other = valueAt(pick(random, sources), path)
    return other === undefined ? bundle : withValue(bundle, path, other)
  },
  // a number as text, a text as number
  (random, bundle) => {
    const path = pick(random, leavesOf(bundle))
    const value = valueAt(bundle, path)
    return withValue(bundle, path, typeof value === 'number' ? String(value) : Number(value))
  },
  // a member more
  (random, bundle) => {
    const path = somewhere(random, bundle)
    const name = pick(random, [
      'extra',
      'inclusionPromise',
      'integratedTime',
      'publicKey',
      'keyid',
      'x509CertificateChain',
    ])
    const value = valueAt(bundle, path)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return bundle
    return withValue(bundle, [...path, name], pick(random, ODD))
  },
  // a list longer, shorter, or the other way round
  (random, bundle, sources) => {
    const lists = placesOf(bundle).filter((path) => Array.isArray(valueAt(bundle, path)))
    if (lists.length === 0) return bundle
    const path = pick(random, lists)
    const list = valueAt(bundle, path)
    const other = valueAt(pick(random, sources), path)
    if (!Array.isArray(list)) return bundle
    const more = Array.isArray(other) ? other : []
    return withValue(
      bundle,
      path,
      pick(random, [[...list, ...list], [...list, ...more], [...list].reverse(), list.slice(1)]),
    )
  },
  (random, bundle) => {
    const versions = ['0.1', '0.2', '0.3', '0.4'].map(
      (one) => `application/vnd.dev.sigstore.bundle+json;version=${one}`,
    )
    return withValue(
      bundle,
      ['mediaType'],
      pick(random, [...versions, 'application/vnd.dev.sigstore.bundle.v0.3+json']),
    )
  },
]

/** How JSON can be written without a change of what it says. */
const WRITERS: readonly ((value: unknown) => Uint8Array)[] = [
  encodeJson,
  (value) => Buffer.from(JSON.stringify(value, null, 2)),
  (value) => Buffer.from(`${JSON.stringify(value)}\n`),
  (value) => Buffer.from(JSON.stringify(value).replaceAll('/', '\\/')),
  // members in another order
  (value) =>
    encodeJson(
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ),
]

/** A bundle changed in one or two points, as it would be stored. */
export function mutateBundle(random: Random, bundle: unknown, sources: readonly unknown[]): Uint8Array {
  let changed = bundle
  for (let i = 0; i <= random.below(2); i += 1) changed = pick(random, MUTATIONS)(random, changed, sources)
  const bytes = pick(random, WRITERS)(changed)
  return random.below(20) === 0 ? mutateBytes(random, bytes) : bytes
}
