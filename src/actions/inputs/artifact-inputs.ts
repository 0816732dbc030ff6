import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { type DeclaredInputs, readLine } from './inputs.ts'

/** The workflow artifact that is to be made of the bundles and the report. */
export interface AskedArtifact {
  readonly name: string
  /** Days; without it the repository's own rule. */
  readonly retentionDays?: number
}

type Inputs = DeclaredInputs<'upload-artifact' | 'artifact-retention-days'>

/** The longest that GitHub lets a private repository keep one. Days. */
const MOST_DAYS = 400

/** undefined if none is asked for. ARTIFACT_NAME, INPUT_VALUE, INPUT_CONFLICT. */
export function parseAskedArtifact(inputs: Inputs): AskedArtifact | undefined {
  const name = readLine(inputs, 'upload-artifact')
  const days = readLine(inputs, 'artifact-retention-days')
  if (name === undefined) {
    if (days === undefined) return undefined
    throw new ActionError(
      'INPUT_CONFLICT',
      '`artifact-retention-days` is given, and no artifact is asked for',
      {
        hint: 'Give `upload-artifact`, or remove `artifact-retention-days`.',
      },
    )
  }
  assertArtifactName(name)
  return days === undefined ? { name } : { name, retentionDays: parseDays(days) }
}

/** What no file system of a downloader could hold is refused by the service (`"`, `:`, `<`, `>`, `|`, `*`, `?`, slashes). */
const FORBIDDEN = /["\\/:<>|*?\p{Cc}]/u

/** Of the files inside; there slashes are between folders. */
export const hasForbidden = (path: string): boolean => FORBIDDEN.test(path.replaceAll('/', ''))

function assertArtifactName(name: string): void {
  const [found] = FORBIDDEN.exec(name) ?? []
  if (found !== undefined) {
    throw new ActionError(
      'ARTIFACT_NAME',
      `\`upload-artifact\` is ${quote(name)}, which holds ${quote(found)}`,
    )
  }
  if (/^\.+$/.test(name)) {
    throw new ActionError('ARTIFACT_NAME', `\`upload-artifact\` is ${quote(name)}, which means a folder`)
  }
}

function parseDays(text: string): number {
  const days = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0
  if (days >= 1 && days <= MOST_DAYS) return days
  throw new ActionError(
    'INPUT_VALUE',
    `\`artifact-retention-days\` is ${quote(text)}; it can be a number from 1 to ${MOST_DAYS}`,
    { hint: 'Most repositories keep artifacts for up to 90 days. Without the input their own rule holds.' },
  )
}
