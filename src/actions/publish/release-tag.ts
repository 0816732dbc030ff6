import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { requestTagCommit } from '../../github/tags.ts'
import type { SignPlan } from '../sign/sign-plan.ts'
import type { ReleaseView } from './release-view.ts'

/** A tag that was moved meanwhile would be released with bundles for another commit. REF_UNEXPECTED. */
export async function assertTag(
  { inputs, job }: Pick<SignPlan, 'inputs' | 'job'>,
  view: ReleaseView,
): Promise<void> {
  const { github, repository, release } = view
  if (inputs.expectedRef !== `refs/tags/${release.tag}`) return
  const commit = await requestTagCommit(github, repository, release.tag)
  if (commit === job.sha) return
  throw new ActionError(
    'REF_UNEXPECTED',
    `the tag ${quote(release.tag)} does not point to the commit of this run any more`,
    {
      expected: job.sha,
      found: commit ?? 'no such tag',
      hint: 'Run the workflow again on the tag as it is now.',
    },
  )
}
