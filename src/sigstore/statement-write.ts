import { encodeUtf8 } from '../core/bytes.ts'
import type { StatementSubject } from './evidence.ts'

/** What an attestation says of its subjects. */
export interface Predicate {
  /** A URI. */
  readonly type: string
  /** The text of a JSON object; it goes into the statement as it is, so that no number or order changes on the way. */
  readonly text: string
}

/** An in-toto statement of v1 (in-toto attestation spec/v1/statement.md) as the bytes that are signed, in GitHub's order of members. */
export function encodeStatement(
  subjects: readonly StatementSubject[],
  { type, text }: Predicate,
): Uint8Array {
  const subject = JSON.stringify(subjects.map(({ name, digest }) => ({ name, digest })))
  return encodeUtf8(
    `{"_type":"https://in-toto.io/Statement/v1","subject":${subject},"predicateType":${JSON.stringify(type)},"predicate":${text}}`,
  )
}
