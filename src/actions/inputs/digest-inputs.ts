import { DIGEST_BYTES, type HashName } from '../../core/digest.ts'
import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'

/** A subject of which nothing but a digest is known. */
export interface AskedDigest {
  readonly hash: HashName
  /** Lower-case hexadecimal digits. */
  readonly hex: string
}

const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512']

/** `sha256:`, `sha384:` or `sha512:` and as many lower-case hexadecimal digits as that hash has. INPUT_DIGEST. */
export function parseSubjectDigest(value: string): AskedDigest {
  const [name = '', hex = '', ...rest] = value.split(':')
  const hash = HASHES.find((one) => one === name)
  if (hash !== undefined && rest.length === 0 && isDigest(hash, hex)) return { hash, hex }
  const corrected = correct(value)
  const line = corrected === undefined ? '' : `; write \`subject-digest: ${corrected}\``
  throw new ActionError('INPUT_DIGEST', `\`subject-digest\` is ${quote(value)}${line}`, {
    hint: 'Write `sha256:`, `sha384:` or `sha512:`, and then 64, 96 or 128 lower-case hexadecimal digits.',
  })
}

const isDigest = (hash: HashName, hex: string): boolean =>
  hex.length === 2 * DIGEST_BYTES[hash] && /^[0-9a-f]+$/.test(hex)

/** What people paste: other letter case, the name of the hash with a hyphen, or left out, as it is for an image. */
function correct(value: string): string | undefined {
  const bare = value
    .toLowerCase()
    .replace(/^.*@(?=sha)/, '')
    .replace(/^(?:sha-?(?:256|384|512))[:= ]+/, '')
  const hash = HASHES.find((one) => isDigest(one, bare))
  return hash === undefined ? undefined : `${hash}:${bare}`
}
