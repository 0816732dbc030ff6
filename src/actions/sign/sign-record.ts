import type { TrustInfo } from '../job/trust-source.ts'
import type {
  PublicRecord,
  PublishedRecord,
  SignerIdentity,
  SignOutcome,
  SubjectOutcome,
} from '../report/outcome.ts'
import type { SignedBundle } from './signed-bundles.ts'

/** What a signing run knows so far. It grows as the run goes on, so that a failure can say what became public. */
export interface SignRecord {
  release?: SignOutcome['release']
  trust?: TrustInfo
  identity?: SignerIdentity
  readonly notes: string[]
  readonly subjects: SubjectOutcome[]
  /** What was written or kept, in the order of the plan. */
  readonly bundles: SignedBundle[]
  /** SHA-256 of each file with bundles as this run left it, hexadecimal, by its path. */
  readonly files: Map<string, string>
  readonly published: PublishedRecord[]
  readonly public: PublicRecord[]
}

export const emptyRecord = (): SignRecord => ({
  notes: [],
  subjects: [],
  bundles: [],
  files: new Map(),
  published: [],
  public: [],
})

type Ending = Pick<SignOutcome, 'result' | 'error' | 'version' | 'started' | 'finished'>

export function outcomeOf(record: SignRecord, ending: Ending): SignOutcome {
  const { trust, identity, release, notes, subjects } = record
  return {
    action: 'sign',
    ...ending,
    ...(trust !== undefined && { trust }),
    ...(identity !== undefined && { identity }),
    ...(release !== undefined && { release }),
    notes,
    subjects,
    published: record.published,
    public: ending.result === 'failed' ? record.public : [],
  }
}
