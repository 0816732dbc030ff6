import { concatBytes, encodeUtf8 } from '../src/core/bytes.ts'
import { base64 } from './fields.ts'
import type { SigningKey } from './keys.ts'

export interface NoteSigner {
  readonly name: string
  readonly key: SigningKey
  /** The first four bytes go into the note. */
  readonly keyId: Uint8Array
}

/** C2SP signed-note over a text that ends in a newline, by each of the signers. Nothing is checked. */
export function signNote(noteText: string, signers: readonly NoteSigner[]): string {
  const lines = signers.map(({ name, key, keyId }) => {
    const signature = concatBytes(keyId.subarray(0, 4), key.sign(encodeUtf8(noteText)))
    return `\u2014 ${name} ${base64(signature)}\n`
  })
  return `${noteText}\n${lines.join('')}`
}

export interface CheckpointFields {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** Lines behind the root hash. */
  readonly extensions?: readonly string[]
}

/** C2SP tlog-checkpoint: the text of the note. */
export const checkpointText = ({ origin, size, root, extensions = [] }: CheckpointFields): string =>
  `${[origin, size, base64(root), ...extensions].join('\n')}\n`
