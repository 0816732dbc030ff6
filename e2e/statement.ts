import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

export const PROVENANCE = 'https://slsa.dev/provenance/v1'

/** The least that SLSA v1 asks of a predicate. */
export const predicate = {
  buildDefinition: {
    buildType: 'https://example.com/build/v1',
    externalParameters: { target: 'release' },
    internalParameters: {},
    resolvedDependencies: [],
  },
  runDetails: { builder: { id: 'https://example.com/builder' }, metadata: { invocationId: 'e2e' } },
}

/** An in-toto v1 statement that says this about a file. */
export const statementAbout = (artifact: string): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [
    {
      name: basename(artifact),
      digest: { sha256: createHash('sha256').update(readFileSync(artifact)).digest('hex') },
    },
  ],
  predicateType: PROVENANCE,
  predicate,
})
