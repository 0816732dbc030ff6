import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseChecksums } from '../../src/actions/subjects/checksums.ts'
import { parseBase64 } from '../../src/core/base64.ts'
import { parseCheckpoint } from '../../src/core/checkpoint.ts'
import { parseDer } from '../../src/core/der.ts'
import { parseGlob } from '../../src/core/glob.ts'
import { type Json, parseJson } from '../../src/core/json.ts'
import { parseJwt } from '../../src/core/jwt.ts'
import { parseNote } from '../../src/core/note.ts'
import { parsePublicKey } from '../../src/core/public-key.ts'
import { encodeSctList, parseSctList, SCT_LIST_OID } from '../../src/core/sct.ts'
import { parseTimestampResponse } from '../../src/core/timestamp-token.ts'
import { encodePem, parseCertificate, parseCertificatePem } from '../../src/core/x509.ts'
import { ActionError } from '../../src/errors.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { parseSigningConfig } from '../../src/sigstore/signing-config.ts'
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { goodBundles, type Instance, withInstance } from './good-bundles.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { type Property, pick, startRandom, startTally, type Tally } from './property.ts'
import { SHARED_DATA } from './shared-data.ts'

interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  readonly run: (bytes: Uint8Array) => unknown
}

/** Milliseconds that one input may take. */
const LIMIT = 2000
/** Bytes that one input may take. */
const MOST_MEMORY = 64 * 1024 * 1024
/** Inputs whose garbage is left lying about. */
const TIDY_AFTER = 100
const CODE = 'TRUST_INVALID'
const RULES = {
  maxBytes: 1 << 24,
  maxDepth: 32,
  malformed: CODE,
  tooLarge: CODE,
  tooDeep: CODE,
  duplicate: CODE,
} as const

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const json = (bytes: Uint8Array): Json => parseJson(bytes, RULES, 'the input')
const bytesOf = (value: string): Uint8Array => Buffer.from(value, 'base64')

function targetsOf(instance: Instance): readonly Target[] {
  const { sandbox, verify, identity } = instance
  const goods = goodBundles(instance)
  const real = existsSync(SHARED_DATA)
    ? globSync('{conformance,wild/conformance}/*/*.sigstore.json', { cwd: SHARED_DATA }).map((name) =>
        readFileSync(join(SHARED_DATA, name)),
      )
    : []
  const bundles = [...goods.map(({ bytes }) => bytes), ...real]
  const made = goods.map(({ bytes }) => JSON.parse(text(bytes)))
  const leaves = made.map((one) => bytesOf(one.verificationMaterial.certificate.rawBytes))
  const tokens = made.flatMap((one) =>
    (one.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []).map(
      (stamp: { signedTimestamp: string }) => bytesOf(stamp.signedTimestamp),
    ),
  )
  const notes = made.map((one) => one.verificationMaterial.tlogEntries[0].inclusionProof.checkpoint.envelope)
  const parsed = leaves.map(parseCertificate)
  const lists = parsed.flatMap((one) => one.extensions.filter(({ oid }) => oid === SCT_LIST_OID))
  const artifacts = new Map(goods.map(({ bytes, artifact }) => [bytes, artifact]))
  const artifact = goods[0]?.artifact ?? new Uint8Array()
  const utf8 = (value: string): Uint8Array => Buffer.from(value)
  return [
    { name: 'bundle', seeds: bundles, run: parseBundle },
    {
      name: 'verify',
      seeds: goods.map(({ bytes }) => bytes),
      run: (b) => verify(b, artifacts.get(b) ?? artifact, identity),
    },
    {
      name: 'trusted root',
      seeds: [utf8(JSON.stringify(sandbox.trustedRoot))],
      run: (b) => parseTrustedRoot(json(b)),
    },
    {
      name: 'signing config',
      seeds: [utf8(JSON.stringify(sandbox.signingConfig))],
      run: (b) => parseSigningConfig(json(b)),
    },
    { name: 'certificate', seeds: leaves, run: parseCertificate },
    {
      name: 'PEM',
      seeds: leaves.map((leaf) => utf8(encodePem('CERTIFICATE', leaf))),
      run: (b) => parseCertificatePem(text(b)),
    },
    { name: 'SCT list', seeds: lists.map(({ value }) => value), run: (b) => encodeSctList(parseSctList(b)) },
    { name: 'timestamp', seeds: tokens, run: parseTimestampResponse },
    { name: 'note', seeds: notes.map(utf8), run: (b) => parseNote(text(b)) },
    {
      name: 'checkpoint',
      seeds: notes.map((note: string) => utf8(parseNote(note).text)),
      run: (b) => parseCheckpoint(text(b)),
    },
    {
      name: 'token',
      seeds: [utf8(sandbox.authorities.issuer.mint('sigstore'))],
      run: (b) => parseJwt(text(b)),
    },
    { name: 'JSON', seeds: bundles, run: json },
    {
      name: 'base64',
      seeds: leaves.map((leaf) => utf8(Buffer.from(leaf).toString('base64'))),
      run: (b) => parseBase64(text(b), CODE, 'it'),
    },
    { name: 'DER', seeds: [...leaves, ...tokens], run: (b) => parseDer(b, CODE, 'it') },
    {
      name: 'public key',
      seeds: parsed.map(({ publicKey }) => publicKey.spki),
      run: (b) => parsePublicKey(b, CODE),
    },
    {
      name: 'checksums',
      seeds: [utf8(`${'0a'.repeat(32)}  a/b.txt\n${'1b'.repeat(32)} *c.bin\n`)],
      run: (b) => parseChecksums(text(b)),
    },
    {
      name: 'pattern',
      seeds: ['dist/**/*.[a-z]*', 'a?b/**', '**'].map(utf8),
      run: (b) => parseGlob(text(b)),
    },
  ]
}

function attempt(
  { name, run }: Target,
  bytes: Uint8Array,
): { readonly taken: boolean; readonly fault?: string } {
  try {
    run(bytes)
    return { taken: true }
  } catch (error) {
    if (error instanceof ActionError && error.code !== 'INTERNAL') return { taken: false }
    return {
      taken: false,
      fault: `${name}: ${String(error)}: ${Buffer.from(bytes).toString('base64').slice(0, 200)}`,
    }
  }
}

setFlagsFromString('--expose-gc')
const tidy: () => void = runInNewContext('gc')

/**
 * Bytes by which the process was ever larger than at the start, garbage included: no input took more. The peak is that of
 * the operating system, so nothing between two looks escapes it.
 */
function watchMemory(): () => number {
  tidy()
  const start = process.memoryUsage.rss()
  return () => process.resourceUsage().maxRSS * 1024 - start
}

function fuzz(target: Target, milliseconds: number, seed: number, tally: Tally): void {
  const random = startRandom(seed)
  // Seeds that are refused would leave everything behind the first check untried.
  tally.check(
    target.seeds.some((one) => attempt(target, one).taken),
    `${target.name}: takes no seed at all`,
  )
  let count = 0
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    const bytes = mutateBytes(random, pick(random, target.seeds))
    const started = performance.now()
    const { fault } = attempt(target, bytes)
    const took = performance.now() - started
    if (++count % TIDY_AFTER === 0) tidy()
    tally.check(fault === undefined && took < LIMIT, fault ?? `${target.name}: ${took} ms`)
  }
}

export const property: Property = {
  number: 13,
  title: 'Hostile input never crashes or hangs',
  measure: ({ full }) =>
    withInstance((instance) => {
      const tally = startTally()
      const targets = targetsOf(instance)
      // Code and caches that the first inputs bring are not theirs.
      for (const [i, target] of targets.entries()) fuzz(target, 100, i, tally)
      const grown = watchMemory()
      for (const [i, target] of targets.entries()) {
        fuzz(target, full ? 60_000 : 600, 1300 + i, tally)
        tally.check(grown() <= MOST_MEMORY, `${target.name}: ${grown()} bytes more than before`)
      }
      return tally.result(
        `mutated inputs of ${targets.length} parsers: taken, or refused with a code, in under ${LIMIT / 1000} s each, and all of ` +
          `them within ${Math.ceil(grown() / 1024 / 1024)} MiB (64 allowed to each)`,
      )
    }),
}
