import { at, bytesAt, type Fields, isFields, parseFields, textAt } from '../fields.ts'

/** What GitHub says of a bundle that it takes: which digests it is about, and of what type. */
export interface AcceptedBundle {
  readonly digests: readonly string[]
  readonly predicateType: string
}

const IN_TOTO = 'application/vnd.in-toto+json'
const MOST_SUBJECTS = 1024
const MOST_PREDICATE = 16 * 1024 * 1024

/**
 * A text is the reason of a 422. The texts are ours: GitHub documents the rules (docs: "Artifact attestations", actions/attest)
 * and not its words, but for the duplicate subject.
 */
export function acceptBundle(bundle: unknown): AcceptedBundle | string {
  if (!isFields(bundle)) return 'bundle is not an object'
  if (at(bundle, 'messageSignature') !== undefined) return 'bundle has no dsseEnvelope'
  if (!isFields(bundle['verificationMaterial'])) return 'bundle has no verificationMaterial'
  if (!/^application\/vnd\.dev\.sigstore\.bundle/.test(textAt(bundle, 'mediaType')))
    return 'unknown mediaType'
  if (textAt(bundle, 'dsseEnvelope', 'payloadType') !== IN_TOTO) return 'payloadType is not in-toto'
  const statement = parseFields(bytesAt(bundle, 'dsseEnvelope', 'payload') ?? '')
  return statement === undefined ? 'payload is not a statement' : acceptStatement(statement)
}

function acceptStatement(statement: Fields): AcceptedBundle | string {
  const { subject, predicate } = statement
  if (statement['_type'] !== 'https://in-toto.io/Statement/v1') return 'unknown _type'
  if (!Array.isArray(subject) || subject.length === 0) return 'statement has no subject'
  if (subject.length > MOST_SUBJECTS) return 'too many subjects in statement'
  const keys = subject.map((one: unknown) => JSON.stringify([at(one, 'name'), at(one, 'digest')]))
  if (new Set(keys).size !== keys.length) return 'duplicate subject in statement'
  if (Buffer.byteLength(JSON.stringify(predicate ?? null)) > MOST_PREDICATE) return 'predicate is too large'
  const digests = subject.map((one: unknown) => `sha256:${textAt(one, 'digest', 'sha256')}`)
  if (digests.some((digest) => !/^sha256:[0-9a-f]{64}$/.test(digest))) return 'subject without sha256'
  return { digests, predicateType: textAt(statement, 'predicateType') }
}

const KINDS: Readonly<Record<string, RegExp>> = {
  provenance: /^https:\/\/slsa\.dev\/provenance\//,
  sbom: /^https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom)/,
  release: /^https:\/\/in-toto\.io\/attestation\/release\//,
}

/** `predicate_type`: one of three words, or the type itself. */
export const isOfType = (predicateType: string, wanted: string | null): boolean =>
  wanted === null || (KINDS[wanted]?.test(predicateType) ?? predicateType === wanted)
