import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

export const PROVENANCE = 'https://slsa.dev/provenance/v1'

/** What others attest: a type and the least that it asks of a predicate. */
export interface Claim {
  readonly type: string
  readonly predicate: object
}

export const SLSA_1: Claim = {
  type: PROVENANCE,
  predicate: {
    buildDefinition: {
      buildType: 'https://example.com/build/v1',
      externalParameters: { target: 'release' },
      internalParameters: {},
      resolvedDependencies: [],
    },
    runDetails: { builder: { id: 'https://example.com/builder' }, metadata: { invocationId: 'e2e' } },
  },
}

export const SLSA_02: Claim = {
  type: 'https://slsa.dev/provenance/v0.2',
  predicate: {
    builder: { id: 'https://example.com/builder' },
    buildType: 'https://example.com/build/v0.2',
    invocation: { configSource: { uri: 'https://example.com/source' }, parameters: { target: 'release' } },
    materials: [],
  },
}

export const SPDX: Claim = {
  type: 'https://spdx.dev/Document',
  predicate: {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'demo',
    documentNamespace: 'https://example.com/demo',
    creationInfo: { created: '2026-01-01T00:00:00Z', creators: ['Tool: e2e'] },
    packages: [],
  },
}

export const CYCLONEDX: Claim = {
  type: 'https://cyclonedx.org/bom',
  predicate: {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    components: [],
  },
}

export const SCAN: Claim = {
  type: 'https://example.com/scan/v1',
  predicate: { result: 'passed', findings: [] },
}

/** An in-toto v1 statement that says this about a file, and about so many others that are nowhere. */
export function statementAbout(artifact: string, { type, predicate }: Claim, others = 0): object {
  const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
  const names = Array.from({ length: others }, (_, i) => `other-${i}`)
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      ...names.map((name) => ({ name, digest: { sha256: sha256(name) } })),
      { name: basename(artifact), digest: { sha256: sha256(readFileSync(artifact)) } },
    ],
    predicateType: type,
    predicate,
  }
}
