import { createHash } from 'node:crypto'
import { type BundleOptions, makeBundle } from '../../sandbox/bundles.ts'
import { addAttestation } from '../../sandbox/github/attestations.ts'
import type { StoredAttestation } from '../../sandbox/github/state.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'

export const PROVENANCE = 'https://slsa.dev/provenance/v1'
export const SBOM = 'https://spdx.dev/Document/v2.3'

export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

/** A statement over files of these contents. */
export const statementOver = (contents: readonly string[], predicateType = PROVENANCE) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: contents.map((content, i) => ({ name: `file-${i}`, digest: { sha256: sha256(content) } })),
  predicateType,
  predicate: {},
})

export interface Storing {
  /** What the statement is over; `content` by default. */
  readonly contents?: readonly string[]
  readonly predicateType?: string
  readonly bundle?: BundleOptions
  /** Of the store itself. */
  readonly entry?: Partial<StoredAttestation>
  /** What GitHub thinks that it is about; what it is over by default. */
  readonly listedFor?: readonly string[]
}

/** Puts an attestation that the sandbox's authorities really made into the store of octo/demo. */
export function storeAttestation(sandbox: Sandbox, storing: Storing = {}): StoredAttestation {
  const { contents = ['content'], predicateType = PROVENANCE, listedFor = contents } = storing
  const { bundle } = makeBundle(
    sandbox,
    { statement: statementOver(contents, predicateType) },
    storing.bundle,
  )
  const repository = sandbox.github.state.repositories.get('octo/demo')
  return addAttestation(sandbox.github.state.attestations, {
    repositoryId: repository?.id ?? 0,
    bundle,
    digests: listedFor.map((content) => `sha256:${sha256(content)}`),
    predicateType,
    ...storing.entry,
  })
}
