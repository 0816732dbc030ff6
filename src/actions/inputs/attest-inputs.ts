import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { type AskedDigest, parseSubjectDigest } from './digest-inputs.ts'
import { type DeclaredInputs, readChoice, readFlag, readLine, readText } from './inputs.ts'
import type { SIGN_INPUTS } from './known-inputs.ts'

/** What is to be said of the subjects. Paths are as written. */
export type AskedAttestation =
  | { readonly kind: 'none' }
  | { readonly kind: 'provenance' }
  | { readonly kind: 'sbom'; readonly path: string }
  | {
      readonly kind: 'custom'
      /** A URI. */
      readonly type: string
      readonly predicate: { readonly text: string } | { readonly path: string }
    }

/** A subject that has no file: its name and digest are all that is known. */
export interface AskedNamedDigest extends AskedDigest {
  readonly name: string
}

type Inputs = DeclaredInputs<keyof typeof SIGN_INPUTS>

interface Given {
  readonly sbomPath: string | undefined
  readonly predicateType: string | undefined
  readonly predicate: string | undefined
  readonly predicatePath: string | undefined
}

/** INPUT_REQUIRED for what the kind lacks, INPUT_CONFLICT for what belongs to another, INPUT_VALUE. */
export function parseAttestation(inputs: Inputs): AskedAttestation {
  const kind = readChoice(inputs, 'attest', ['none', 'provenance', 'sbom', 'custom'])
  const given = {
    sbomPath: readLine(inputs, 'sbom-path'),
    predicateType: readLine(inputs, 'predicate-type'),
    predicate: readText(inputs, 'predicate'),
    predicatePath: readLine(inputs, 'predicate-path'),
  }
  if (kind !== 'sbom') refuseFor(kind, 'sbom', { 'sbom-path': given.sbomPath })
  if (kind !== 'custom') {
    const { predicateType: type, predicate, predicatePath: path } = given
    refuseFor(kind, 'custom', { 'predicate-type': type, predicate, 'predicate-path': path })
  }
  if (kind === 'sbom') return { kind, path: demand(kind, 'sbom-path', given.sbomPath) }
  return kind === 'custom' ? parseCustom(given) : { kind }
}

function refuseFor(kind: string, owner: string, others: Readonly<Record<string, string | undefined>>): void {
  const name = Object.keys(others).find((one) => others[one] !== undefined)
  if (name === undefined) return
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`${name}\` is for \`attest: ${owner}\`, and \`attest\` is \`${kind}\``,
    {
      hint: `Remove \`${name}\`, or set \`attest: ${owner}\`.`,
    },
  )
}

function demand(kind: string, name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new ActionError('INPUT_REQUIRED', `\`attest: ${kind}\` needs \`${name}\``)
}

function parseCustom({ predicateType, predicate, predicatePath }: Given): AskedAttestation {
  const type = parseType(demand('custom', 'predicate-type', predicateType))
  if (predicate !== undefined && predicatePath !== undefined) {
    throw new ActionError('INPUT_CONFLICT', '`predicate` and `predicate-path` are both given')
  }
  if (predicate !== undefined) return { kind: 'custom', type, predicate: { text: predicate } }
  const path = demand('custom', 'predicate` or `predicate-path', predicatePath)
  return { kind: 'custom', type, predicate: { path } }
}

/** A TypeURI (in-toto attestation spec/v1/field_types.md). */
function parseType(type: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/.test(type) && URL.canParse(type)) return type
  throw new ActionError('INPUT_VALUE', `\`predicate-type\` is ${quote(type)}, which is no URI`, {
    hint: 'Write the URI of the type, such as `https://in-toto.io/attestation/test-result/v0.1`.',
  })
}

/** INPUT_CONFLICT where there is no statement that could be one each. */
export function parseAttestEach(inputs: Inputs, { kind }: AskedAttestation): boolean {
  const each = readFlag(inputs, 'attest-each')
  if (!each || kind !== 'none') return each
  throw new ActionError('INPUT_CONFLICT', '`attest-each` is `true`, and `attest` is `none`', {
    hint: 'Remove `attest-each` (without `attest` every file has its own signature), or set `attest`.',
  })
}

/**
 * The subject of `subject-digest` and `subject-name`, which belong together and need `attest`: nothing here can sign a bare
 * digest without exposing the key. INPUT_REQUIRED, INPUT_DIGEST, INPUT_VALUE.
 */
export function parseNamedDigest(inputs: Inputs, { kind }: AskedAttestation): AskedNamedDigest | undefined {
  const digest = readLine(inputs, 'subject-digest')
  const name = readLine(inputs, 'subject-name')
  if (digest === undefined && name === undefined) return undefined
  if (digest === undefined) throw new ActionError('INPUT_REQUIRED', '`subject-name` needs `subject-digest`')
  if (name === undefined) throw new ActionError('INPUT_REQUIRED', '`subject-digest` needs `subject-name`')
  if (kind === 'none') throw digestNeedsAttest('`subject-digest`')
  const asked = parseSubjectDigest(digest)
  if (asked.hash !== 'sha256') {
    throw new ActionError(
      'INPUT_DIGEST',
      `\`subject-digest\` is a ${asked.hash} digest; signing takes \`sha256:\``,
    )
  }
  if (/@sha[0-9]+:/.test(name)) {
    throw new ActionError('INPUT_VALUE', `\`subject-name\` is ${quote(name)}, which holds a digest`, {
      hint: 'Write the name alone; the digest is the matter of `subject-digest`.',
    })
  }
  return { ...asked, name }
}

export const digestNeedsAttest = (what: string): ActionError =>
  new ActionError('INPUT_REQUIRED', `${what} needs \`attest\`: of a digest alone nothing can be signed`, {
    hint: 'Set `attest`, whose statement names the digest, or name the file with `subject-path`.',
  })
