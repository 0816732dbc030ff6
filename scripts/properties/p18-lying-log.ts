import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digest } from '../../src/core/digest.ts'
import { verifyConsistency, verifyInclusion } from '../../src/core/merkle.ts'
import { ActionError } from '../../src/errors.ts'
import { type Property, startTally } from './property.ts'
import { ABSENT, hasSharedData, SHARED_DATA } from './shared-data.ts'

interface Vector {
  readonly case: string
  readonly wantErr: boolean
  readonly proof: readonly string[] | null
  readonly [name: string]: unknown
}

const readVectors = (name: string): readonly Vector[] =>
  JSON.parse(readFileSync(join(SHARED_DATA, 'merkle', `${name}.json`), 'utf8'))

const bytes = (text: unknown): Uint8Array => Buffer.from(String(text ?? ''), 'base64')

/** Some vectors have a short text where a root belongs; ours takes 32 bytes only, so its hash stands in. */
const rootOf = (text: unknown): Uint8Array => {
  const root = bytes(text)
  return root.length === 0 || root.length === 32 ? root : digest('sha256', root)
}

const proofOf = ({ proof }: Vector): readonly Uint8Array[] => (proof ?? []).map(bytes)

const verifyIn = (one: Vector): void =>
  verifyInclusion({
    leafHash: bytes(one['leafHash']),
    index: BigInt(String(one['leafIdx'])),
    size: BigInt(String(one['treeSize'])),
    hashes: proofOf(one),
    root: bytes(one['root']),
  })

const verifyBetween = (one: Vector): void =>
  verifyConsistency({
    size1: BigInt(String(one['size1'])),
    size2: BigInt(String(one['size2'])),
    root1: rootOf(one['root1']),
    root2: rootOf(one['root2']),
    hashes: proofOf(one),
  })

/** What a check says of a vector; any other exception than ours is wrong either way. */
function outcomeOf(check: () => void): 'holds' | 'refused' | 'bug' {
  try {
    check()
    return 'holds'
  } catch (error) {
    return error instanceof ActionError && error.code !== 'INTERNAL' ? 'refused' : 'bug'
  }
}

export const property: Property = {
  number: 18,
  title: 'A lying log is caught',
  measure: () => {
    if (!hasSharedData('merkle/inclusion.json')) return ABSENT
    const tally = startTally()
    for (const [name, verify] of [
      ['inclusion', verifyIn],
      ['consistency', verifyBetween],
    ] as const)
      for (const one of readVectors(name)) {
        const outcome = outcomeOf(() => verify(one))
        tally.check(outcome === (one.wantErr ? 'refused' : 'holds'), `${name} ${one.case}: ${outcome}`)
      }
    return tally.result('inclusion and consistency vectors; the alarms of the monitor come with it')
  },
}
