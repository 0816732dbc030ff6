import { parseJson } from '../../src/core/json.ts'
import { ActionError } from '../../src/errors.ts'
import { parseBundle } from '../../src/sigstore/bundle.ts'
import { verifyIdentity } from '../../src/sigstore/policy.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../../src/sigstore/verifier.ts'
import { encodeJson } from '../properties/json-leaves.ts'
import { mutateBundle } from '../properties/mutate-bundle.ts'
import { pick, startRandom } from '../properties/property.ts'
import { createInstance, type Instance } from './instances.ts'
import { createLibrary, exactPolicy, type Library } from './library.ts'
import { signedVariant } from './signed-variants.ts'
import { realSpecimens, type Specimen, sandboxSpecimens, valueKey } from './specimens.ts'

/** What came of a run of mutations; adds up over runs. */
export interface Counts {
  mutations: number
  accepted: number
  /** Of the accepted ones, how many said something else than those before: each was shown to the library. */
  distinct: number
  /** Of those, how many only we accept. */
  looser: number
  /** Accepted by `group: kind`. */
  kinds: Record<string, number>
  /** Refused by code. */
  codes: Record<string, number>
  /** What must never be, at most a few. */
  faults: Fault[]
}

export interface Fault {
  readonly number: number
  readonly what: string
  readonly specimen: string
  /** The bundle as it was judged, base64, and the trusted root. */
  readonly bundle: string
  readonly file: string
  readonly root: unknown
}

export const noCounts = (): Counts => ({
  mutations: 0,
  accepted: 0,
  distinct: 0,
  looser: 0,
  kinds: {},
  codes: {},
  faults: [],
})

const RULES = {
  maxBytes: 1 << 22,
  maxDepth: 32,
  malformed: 'TRUST_INVALID',
  tooLarge: 'TRUST_INVALID',
  tooDeep: 'TRUST_INVALID',
  duplicate: 'TRUST_INVALID',
} as const

const MOST_FAULTS = 20

interface Judges {
  readonly trust: TrustedRoot
  readonly library: Library
}

/** Of each root once. */
function judgesByRoot(): (root: object) => Judges {
  const known = new Map<object, Judges>()
  return (root) => {
    const found = known.get(root)
    if (found !== undefined) return found
    const text = Buffer.from(JSON.stringify(root))
    const trust = parseTrustedRoot(parseJson(text, RULES, 'the trusted root'))
    const made = { trust, library: createLibrary(root, trust.isGitHub) }
    known.set(root, made)
    return made
  }
}

/** One mutation in so many is made anew by the authorities, instead of on a finished bundle. */
const SIGNED_EVERY = 20

/**
 * A function that makes mutation number n and has it judged. The number alone decides what is changed; of the bundles
 * of the sandbox the keys are new in each process.
 */
export function createComparison(counts: Counts): (number: number) => void {
  const instances: readonly Instance[] = [createInstance('P-256'), createInstance('P-384')]
  const specimens = [...instances.flatMap(sandboxSpecimens), ...realSpecimens()]
  const sources = specimens.map(({ bundle }) => bundle)
  const judgesOf = judgesByRoot()
  const seen = new Set<string>()
  const assertGood = (one: Specimen): void => {
    const verdict = ours(one, encodeJson(one.bundle), judgesOf(one.root).trust)
    if (verdict !== 'accepted') throw new Error(`${one.name} is refused untouched: ${verdict}`)
  }
  for (const one of specimens) {
    assertGood(one)
    counts.kinds[labelOf(one)] = 0
  }
  return (number) => {
    const random = startRandom(number)
    const isSigned = random.below(SIGNED_EVERY) === 0
    const one = isSigned ? signedVariant(random, pick(random, instances)) : pick(random, specimens)
    const untouched = isSigned && random.below(4) > 0
    const bytes = untouched ? encodeJson(one.bundle) : mutateBundle(random, one.bundle, sources)
    const { trust, library } = judgesOf(one.root)
    const fault = compare(one, bytes, { trust, library, seen, counts })
    counts.mutations += 1
    if (fault !== undefined && counts.faults.length < MOST_FAULTS) {
      const [bundle, file] = [bytes, one.file].map((part) => Buffer.from(part).toString('base64'))
      counts.faults.push({
        number,
        what: fault,
        specimen: one.name,
        bundle: bundle ?? '',
        file: file ?? '',
        root: one.root,
      })
    }
  }
}

/** `accepted`, the code of the refusal, or what must never come out. */
function ours(
  { artifact, identity }: Specimen,
  bytes: Uint8Array,
  trust: TrustedRoot,
  isKnown = (): boolean => false,
): string {
  try {
    const bundle = parseBundle(bytes)
    if (isKnown()) return 'accepted'
    verifyIdentity(verifyBundle(bundle, artifact, { trust, now: Date.now() }), identity)
    return 'accepted'
  } catch (error) {
    return error instanceof ActionError ? error.code : `bug: ${String(error)}`
  }
}

const labelOf = ({ group, kind }: Specimen): string => `${group}: ${kind}`

interface Comparing extends Judges {
  readonly seen: Set<string>
  readonly counts: Counts
}

/**
 * What is wrong, if anything. The library is asked only about what we accept. What says the same as one that was accepted
 * before is parsed and verified no further: the verdict is about values, not about how they are written.
 */
function compare(
  one: Specimen,
  bytes: Uint8Array,
  { trust, library, seen, counts }: Comparing,
): string | undefined {
  let key = ''
  const isKnown = (): boolean => {
    key = valueKey([one.name, JSON.parse(Buffer.from(bytes).toString('utf8'))])
    return seen.has(key)
  }
  const verdict = ours(one, bytes, trust, isKnown)
  if (verdict.startsWith('bug: ') || verdict === 'INTERNAL') return verdict
  if (verdict !== 'accepted') {
    counts.codes[verdict] = (counts.codes[verdict] ?? 0) + 1
    return undefined
  }
  counts.accepted += 1
  counts.kinds[labelOf(one)] = (counts.kinds[labelOf(one)] ?? 0) + 1
  if (seen.has(key)) return undefined
  seen.add(key)
  counts.distinct += 1
  const { name, issuer } = one.identity
  const said = library(bytes, one.file, exactPolicy(name, issuer))
  if (said === 'accepted') return undefined
  counts.looser += 1
  return `only we accept it, @sigstore/verify says: ${said}`
}
