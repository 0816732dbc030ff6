import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { NamedRelease } from '../../github/releases.ts'
import { type DeclaredInputs, readChoice, readFlag, readLine } from './inputs.ts'
import type { SIGN_INPUTS } from './known-inputs.ts'
import { parseNamedRelease } from './named-release.ts'

/** What is to happen to a release. */
export interface AskedRelease {
  readonly named: NamedRelease | 'auto'
  /** Upload the subjects that the release lacks. */
  readonly files: boolean
  /** Which assets of the release are the subjects. */
  readonly assets: 'off' | 'listed' | 'all-unchecked'
  readonly publish: boolean
}

type Inputs = DeclaredInputs<keyof typeof SIGN_INPUTS>

/** undefined if no release is named. INPUT_REQUIRED, INPUT_VALUE, INPUT_CONFLICT. */
export function parseAskedRelease(inputs: Inputs): AskedRelease | undefined {
  const written = readLine(inputs, 'release')
  const files = readFlag(inputs, 'release-files')
  const assets = readChoice(inputs, 'release-assets', ['off', 'listed', 'all-unchecked'])
  const publish = readFlag(inputs, 'release-publish')
  const jobs = readLine(inputs, 'job-total')
  if (publish) assertOnlyJob(jobs)
  if (written !== undefined) {
    assertSubjects(inputs, { files, assets })
    return { named: parseNamed(written), files, assets, publish }
  }
  const asked = [
    ...(files ? ['release-files'] : []),
    ...(assets === 'off' ? [] : ['release-assets']),
    ...(publish ? ['release-publish'] : []),
  ]
  if (asked.length === 0) return undefined
  throw new ActionError('INPUT_REQUIRED', `\`${asked.join('` and `')}\` need \`release\``, {
    hint: 'Name the release with `release`: its tag, `id:` and its number, or `auto`.',
  })
}

export const parseNamed = (written: string): NamedRelease | 'auto' =>
  written === 'auto' ? written : parseNamedRelease(written, ', or `auto`')

/** What the release has, or what the workspace has: not both at once, since their names could be the same. */
function assertSubjects(inputs: Inputs, { files, assets }: Pick<AskedRelease, 'files' | 'assets'>): void {
  if (assets === 'off') return
  const listed = readLine(inputs, 'subject-checksums') !== undefined
  if (assets === 'listed' && !listed) {
    throw new ActionError('INPUT_REQUIRED', '`release-assets: listed` needs `subject-checksums`', {
      hint: 'Give a checksums file that this job trusts: it names the assets that are signed.',
    })
  }
  const others = [
    ...(assets === 'all-unchecked' && listed ? ['subject-checksums'] : []),
    ...(files ? ['release-files'] : []),
    ...(['subject-path', 'subject-digest'] as const).filter(
      (name) => (inputs.given.get(name) ?? '').trim() !== '',
    ),
  ]
  if (others.length === 0) return
  const names = `\`${others.join('` and `')}\``
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`release-assets: ${assets}\` signs what the release has: ${names} cannot stand beside it`,
  )
}

/** A job of a matrix does not know whether the others are done. */
function assertOnlyJob(total: string | undefined): void {
  if (total === '1') return
  const hint =
    'Let the matrix attach its files to the draft, and publish in one job behind it (`needs:`). docs/examples/matrix-attach.yml shows how.'
  if (total === undefined) {
    throw new ActionError(
      'INPUT_CONFLICT',
      'the runner does not say whether this job is one of a matrix, so `release-publish` is refused',
      {
        hint: 'Leave `job-total` at its default, which the runner fills in.',
      },
    )
  }
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`release-publish\` is refused in a matrix: this is one of ${quote(total)} jobs`,
    { hint },
  )
}
