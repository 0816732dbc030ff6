import type { Http, World } from '../../ports.ts'
import type { StatementSubject } from '../../sigstore/evidence.ts'
import type { SelectedServices } from '../../sigstore/service-selection.ts'
import type { Predicate } from '../../sigstore/statement-write.ts'
import type { BundleKind } from '../bundles/bundle-places.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import type { CorrectedClock } from '../job/corrected-clock.ts'
import type { SignJob } from '../job/job.ts'
import type { Trust } from '../job/trust-source.ts'
import type { ArtifactPlan } from '../publish/artifact-plan.ts'
import type { ReleasePlan } from '../publish/release-plan.ts'
import type { StorePlan } from '../publish/store-plan.ts'
import type { Subject } from '../subjects/subjects.ts'
import type { KnownSubject } from './statement-subjects.ts'

/** What an attestation says. Provenance is known only when there is a certificate. */
export type PlannedPredicate =
  | { readonly kind: 'provenance' }
  | ({ readonly kind: Exclude<BundleKind, 'provenance'> } & Predicate)

/** A subject of a statement, with its digest as it was when the run looked. */
export interface AttestedSubject extends KnownSubject {
  /** Absolute; absent if there is no file. */
  readonly path?: string
  /** Where its file is, or would be if it were there; absent for what has only a name. */
  readonly place?: string
  /** Bytes. */
  readonly size?: number
}

interface Planned {
  /** Of its first subject among the outcomes. */
  readonly at: number
  readonly bundlePath: string
  /** Whether bundles lie there already. */
  readonly hasBundle: boolean
}

/** A bundle over one file, whose bytes are signed. */
export interface PlannedMessage extends Planned {
  readonly kind: 'message'
  readonly subject: Subject
}

/** A bundle over a statement about one or more subjects. */
export interface PlannedStatement extends Planned {
  readonly kind: 'statement'
  readonly predicate: PlannedPredicate
  /** One outcome each, in this order. */
  readonly members: readonly AttestedSubject[]
  /** The same as the statement names them: sorted, none twice. */
  readonly subjects: readonly StatementSubject[]
}

export type PlannedBundle = PlannedMessage | PlannedStatement

/** Outcomes that a bundle stands for. */
export const countOf = (planned: PlannedBundle): number =>
  planned.kind === 'message' ? 1 : planned.members.length

/** What is known before anything leaves this machine. */
export interface SignPlan {
  readonly world: World
  readonly inputs: SignInputs
  readonly job: SignJob
  readonly roots: readonly string[]
  readonly trust: Trust
  readonly services: SelectedServices
  readonly publicLog: boolean
  readonly bundles: readonly PlannedBundle[]
  readonly release?: ReleasePlan
  /** There if the attestations go to GitHub's store too. */
  readonly storing?: StorePlan
  readonly http: Http
  readonly now: () => number
  readonly clock: CorrectedClock
  /** There if the bundles are to become a workflow artifact. */
  readonly artifact?: ArtifactPlan
  /** PEM text of `ca-certificates`. */
  readonly caCertificates?: string
}
