import { printable, quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { ArtifactResult } from '../../ports.ts'

/** What to make of an upload that failed: the name is gone, a new try may help, or nothing will. */
export type UploadFailure =
  | { readonly kind: 'taken' }
  | { readonly kind: 'passing'; readonly error: ActionError }
  | { readonly kind: 'final'; readonly error: ActionError }

/** The toolkit's client tells what the service answered in its message alone; a test holds each of these. */
export function judgeFailure(name: string, { failure = '', stage }: ArtifactResult): UploadFailure {
  // The client adds advice of its own in further lines.
  const said = quote(printable(failure.split('\n', 1)[0] ?? '', 300))
  if (/\(409\)/.test(failure) && stage === 'create') return { kind: 'taken' }
  if (/storage quota/i.test(failure)) {
    const message = `GitHub refuses the artifact ${quote(name)}: the storage quota for artifacts is used up`
    return { kind: 'final', error: new ActionError('ARTIFACT_QUOTA', message) }
  }
  const error = new ActionError(
    'ARTIFACT_UPLOAD',
    `the artifact ${quote(name)} could not be uploaded: ${said}`,
  )
  const refused = /non-retryable error: .*\(4\d\d\)/s.test(failure)
  return { kind: refused ? 'final' : 'passing', error }
}

/** Under which name an upload is tried. */
export interface Naming {
  readonly asked: string
  /** GITHUB_RUN_ATTEMPT */
  readonly attempt: string
  readonly name: string
  /** An earlier attempt of the run, or a request whose answer was lost, may have taken the name that was asked for. */
  readonly perhapsOurs: boolean
}

export const firstNaming = (asked: string, attempt: string): Naming => ({
  asked,
  attempt,
  name: asked,
  perhapsOurs: attempt !== '1',
})

/**
 * How to go on after a failure: under which name, and after what error to wait first. Nothing can be taken back from the
 * service, so a name that is gone is left to whoever has it. It throws where nothing is left to try: ARTIFACT_EXISTS if
 * the name is another job's, which a second name would only hide; ARTIFACT_QUOTA, ARTIFACT_UPLOAD.
 */
export function nameAfter(
  naming: Naming,
  result: ArtifactResult,
): { readonly naming: Naming; readonly error?: ActionError } {
  const failure = judgeFailure(naming.name, result)
  if (failure.kind === 'final') throw failure.error
  const waited = failure.kind === 'passing' ? { error: failure.error } : {}
  // Whatever came of it, the request may have had its effect.
  if (failure.kind === 'passing' && result.stage === 'create')
    return { naming: { ...naming, perhapsOurs: true }, ...waited }
  const perhapsOurs = naming.perhapsOurs || result.repeated || result.stage !== 'create'
  if (perhapsOurs && naming.name === naming.asked) {
    const name = `${naming.asked}-attempt-${naming.attempt}`
    return { naming: { ...naming, name }, ...waited }
  }
  throw failure.kind === 'passing' ? failure.error : takenError(naming)
}

function takenError({ asked, name, attempt }: Naming): ActionError {
  const names = name === asked ? quote(name) : `${quote(asked)} and one named ${quote(name)}`
  return new ActionError('ARTIFACT_EXISTS', `this run has an artifact named ${names} (attempt ${attempt})`)
}
