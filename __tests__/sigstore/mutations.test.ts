import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { encodeUtf8 } from '../../src/core/bytes.ts'
import { artifactOfBytes } from '../../src/sigstore/artifact.ts'
import {
  asVersion,
  changed,
  createInstance,
  ENTRY,
  MATERIAL,
  make,
  PROOF,
  STAMPS,
  STATEMENT,
  sha256Hex,
  valueAt,
  verdictOf,
  verify,
} from './hostile-bundles.ts'

const instance = createInstance()
const { trust } = instance

interface Good {
  readonly what: string
  readonly bundle: unknown
  readonly artifact: Uint8Array
}

/** Ten good bundles of ten artifacts, by ten keys. */
const FORMS: readonly (readonly ['message' | 'attestation', readonly (1 | 2)[], '0.1' | '0.2' | '0.3'])[] = [
  ['message', [1], '0.1'],
  ['message', [1], '0.2'],
  ['message', [1], '0.3'],
  ['message', [2], '0.3'],
  ['message', [1, 2], '0.3'],
  ['attestation', [1], '0.1'],
  ['attestation', [1], '0.2'],
  ['attestation', [1], '0.3'],
  ['attestation', [2], '0.3'],
  ['attestation', [2, 1], '0.2'],
]
const goods = FORMS.map(([form, logs, version], i): Good => {
  const artifact = encodeUtf8(`artifact ${i}\n`)
  const statement = { ...STATEMENT, subject: [{ digest: { sha256: sha256Hex(artifact) } }] }
  const { bundle } = make(instance, { logs }, form === 'message' ? { artifact } : { statement })
  return {
    what: `${form} in v${logs.join(' and v')}, bundle ${version}`,
    bundle: asVersion(bundle, version),
    artifact,
  }
})
const judge = (bundle: unknown, { artifact }: Good): string =>
  verdictOf(() => verify({ bundle, artifact: artifactOfBytes(artifact), trust }))

test('the ten are good', () => {
  for (const good of goods) assert.equal(judge(good.bundle, good), 'accepted', good.what)
})

/** Everything that one bundle could borrow from another. */
const PARTS = [
  `${MATERIAL}.certificate`,
  `${MATERIAL}.x509CertificateChain`,
  `${MATERIAL}.tlogEntries`,
  ENTRY,
  `${ENTRY}.logIndex`,
  `${ENTRY}.logId`,
  `${ENTRY}.kindVersion`,
  `${ENTRY}.integratedTime`,
  `${ENTRY}.inclusionPromise`,
  `${ENTRY}.canonicalizedBody`,
  PROOF,
  `${PROOF}.logIndex`,
  `${PROOF}.rootHash`,
  `${PROOF}.treeSize`,
  `${PROOF}.hashes`,
  `${PROOF}.checkpoint`,
  `${MATERIAL}.timestampVerificationData`,
  `${STAMPS}.0`,
  'messageSignature',
  'messageSignature.messageDigest',
  'messageSignature.signature',
  'dsseEnvelope',
  'dsseEnvelope.payload',
  'dsseEnvelope.signatures',
]

/** The same value in both, or one that says nothing: Rekor v2 gives no time. */
function isHarmless(path: string, good: Good, borrowed: unknown): boolean {
  if (JSON.stringify(valueAt(good.bundle, path)) === JSON.stringify(borrowed)) return true
  return path === `${ENTRY}.integratedTime` && valueAt(good.bundle, `${ENTRY}.inclusionPromise`) === undefined
}

/** P3. */
suite('no part of a bundle serves in another one', () => {
  for (const good of goods) {
    test(good.what, () => {
      let tried = 0
      for (const other of goods) {
        for (const path of PARTS) {
          const borrowed = valueAt(other.bundle, path)
          if (borrowed === undefined || isHarmless(path, good, borrowed)) continue
          const parent = path.split('.').slice(0, -1).join('.')
          if (parent !== '' && valueAt(good.bundle, parent) === undefined) continue
          tried += 1
          assert.notEqual(
            judge(changed(good.bundle, path, borrowed), good),
            'accepted',
            `${path} of ${other.what}`,
          )
        }
      }
      assert.ok(tried > 50, `only ${tried} were tried`)
    })
  }
})

/** Values in base64 that are signed or compared, and that are bytes of which each bit counts. */
const BOUND = [
  `${MATERIAL}.certificate.rawBytes`,
  `${ENTRY}.logId.keyId`,
  `${ENTRY}.canonicalizedBody`,
  `${ENTRY}.inclusionPromise.signedEntryTimestamp`,
  `${PROOF}.rootHash`,
  `${PROOF}.hashes.0`,
  'messageSignature.messageDigest.digest',
  'messageSignature.signature',
  'dsseEnvelope.payload',
  'dsseEnvelope.signatures.0.sig',
]
const FLIPS = 24

/** P2, in part: `npm run properties` flips every bit. */
suite('bits of what is signed or compared', () => {
  for (const good of goods) {
    test(good.what, () => {
      let tried = 0
      for (const path of BOUND) {
        const text = valueAt(good.bundle, path)
        if (typeof text !== 'string') continue
        const bytes = new Uint8Array(Buffer.from(text, 'base64'))
        const step = Math.max(1, Math.floor((bytes.length * 8) / FLIPS))
        for (let bit = tried % step; bit < bytes.length * 8; bit += step) {
          const spoilt = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
          const bundle = changed(good.bundle, path, Buffer.from(spoilt).toString('base64'))
          tried += 1
          assert.notEqual(judge(bundle, good), 'accepted', `${path}, bit ${bit}`)
        }
      }
      assert.ok(tried >= 100, `only ${tried} were tried`)
    })
  }
})

/** Nonsense in place of each value that there is: refused, or accepted for a reason that is written here. */
const NONSENSE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'x',
  'AAAA',
  '0',
  '1',
  [],
  [null],
  {},
  { toString: 1, valueOf: 1 },
  '\ud800',
]
/** What nobody signs in these bundles, or what null and 0 may stand for. */
const FREE = /^(?:verificationMaterial\.tlogEntries\.\d\.integratedTime|dsseEnvelope\.signatures\.0\.keyid)$/
const OPTIONAL =
  /^(?:verificationMaterial\.(?:tlogEntries\.\d\.inclusionPromise|timestampVerificationData(?:\.rfc3161Timestamps)?))$/

function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([name, one]) =>
    pathsOf(one, path === '' ? name : `${path}.${name}`),
  )
  return path === '' ? inner : [path, ...inner]
}

/** Whether it says the same as before, or nothing where nothing needs to be said. */
function isSame(now: unknown, value: unknown): boolean {
  const isText = typeof now !== 'object' && typeof value !== 'object' && String(now) === String(value)
  return isText || JSON.stringify(now) === JSON.stringify(value)
}

const isEmpty = (value: unknown): boolean => ['null', '[]', '{}', '""'].includes(JSON.stringify(value))
const mayBe = (path: string, value: unknown): boolean =>
  FREE.test(path) || (isEmpty(value) && OPTIONAL.test(path))

suite('nonsense in place of any value ends in a code', () => {
  for (const good of goods) {
    test(good.what, () => {
      for (const path of pathsOf(good.bundle)) {
        for (const value of NONSENSE) {
          if (isSame(valueAt(good.bundle, path), value) || mayBe(path, value)) continue
          const verdict = judge(changed(good.bundle, path, value), good)
          assert.notEqual(verdict, 'accepted', `${path} as ${JSON.stringify(value)}`)
        }
      }
    })
  }
})
