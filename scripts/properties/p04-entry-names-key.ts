import { hash } from 'node:crypto'
import { createKeyless } from '../../bench/keyless.ts'
import { type BodyJson, type BundleOptions, makeBundle } from '../../sandbox/bundles.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { statementOf, withInstance } from './good-bundles.ts'
import { placesOf, valueAt, withValue } from './json-leaves.ts'
import { type Property, startTally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

type Point = 'digest' | 'signature' | 'key' | 'kind' | 'version'

const POINTS: readonly Point[] = ['digest', 'signature', 'key', 'kind', 'version']

/** The names that a body's members have, whatever its kind. */
const MEMBERS: Readonly<Record<Point, readonly string[]>> = {
  digest: ['data.hash.value', 'payloadHash.value', 'data.digest'],
  signature: ['signature.content', 'signatures.signature'],
  key: ['signature.publicKey.content', 'signatures.verifier', 'signature.verifier.x509Certificate.rawBytes'],
  kind: ['kind'],
  version: ['apiVersion'],
}

interface Others {
  readonly digest: Buffer
  readonly signature: Buffer
  readonly certificate: Uint8Array
  readonly pem: string
}

function changed(body: BodyJson, point: Point, others: Others): BodyJson {
  const isNamed = (name: string): boolean =>
    MEMBERS[point].some((end) => name === end || name.endsWith(`.${end}`))
  const path = placesOf(body).find((one) => isNamed(one.filter((part) => typeof part === 'string').join('.')))
  if (path === undefined) throw new Error(`the body has no ${point}`)
  const old = String(valueAt(body, path))
  const isPem = Buffer.from(old, 'base64').subarray(0, 5).toString() === '-----'
  const replacements: Record<Point, string> = {
    digest: /^[0-9a-f]{64}$/.test(old) ? others.digest.toString('hex') : others.digest.toString('base64'),
    signature: others.signature.toString('base64'),
    key: Buffer.from(isPem ? others.pem : others.certificate).toString('base64'),
    kind: old === 'dsse' ? 'hashedrekord' : 'dsse',
    version: old === '0.0.1' ? '0.0.2' : '0.0.1',
  }
  return JSON.parse(JSON.stringify(withValue(body, path, replacements[point])))
}

export const property: Property = {
  number: 4,
  title: 'The log entry names our key',
  measure: () =>
    withInstance((instance) => {
      const { sandbox, identity } = instance
      const tally = startTally()
      const verify = createKeyless(sandbox.trustedRoot)
      const artifact = Buffer.from('what a workflow built\n')
      const content = { message: { artifact }, DSSE: { statement: statementOf(artifact) } }
      const key = generateEcdsaKey()
      const other = makeBundle(sandbox, { artifact: Buffer.from('other') }, { key })
      const others: Others = {
        digest: hash('sha256', 'other', 'buffer'),
        signature: Buffer.from(other.signature),
        certificate: other.leaf.certificate,
        pem: other.leaf.pem,
      }
      for (const form of ['message', 'DSSE'] as const)
        for (const log of [1, 2] as const)
          for (const point of POINTS) {
            const options: BundleOptions = { logs: [log], body: (body) => changed(body, point, others) }
            const verdict = judge(
              verify,
              makeBundle(sandbox, content[form], options).bytes,
              artifact,
              identity,
            )
            tally.check(isRefusal(verdict), `${form}, Rekor v${log}, another ${point}: ${verdict}`)
          }
      return tally.result('entries that the log itself signed, wrong in one point, refused')
    }),
}
