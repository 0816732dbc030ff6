import { hash } from 'node:crypto'
import { createKeyless, type Keyless } from '../../bench/keyless.ts'
import { type BundleContent, type BundleOptions, makeBundle } from '../../sandbox/bundles.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import type { ExactIdentity } from '../../src/sigstore/policy.ts'

export interface GoodBundle {
  readonly name: string
  readonly form: 'message' | 'DSSE'
  readonly bytes: Uint8Array
  readonly artifact: Uint8Array
}

/** A sandbox with our verifier for its trusted root. */
export interface Instance {
  readonly sandbox: Sandbox
  readonly verify: Keyless
  readonly identity: ExactIdentity
  readonly make: (form: GoodBundle['form'], name: string, options?: BundleOptions) => GoodBundle
}

export const SIGNER = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

export const statementOf = (artifact: Uint8Array): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'demo.bin', digest: { sha256: hash('sha256', artifact) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: { buildDefinition: {} },
})

/** Gives the callback a sandbox, which is gone afterwards. */
export async function withInstance<T>(
  use: (instance: Instance) => T | Promise<T>,
  options: SandboxOptions = {},
): Promise<T> {
  const sandbox = await startSandbox(options)
  try {
    const make: Instance['make'] = (form, name, changes = {}) => {
      const artifact = Buffer.from(`what a workflow built: ${name}\n`)
      const content: BundleContent = form === 'message' ? { artifact } : { statement: statementOf(artifact) }
      return { name, form, bytes: makeBundle(sandbox, content, changes).bytes, artifact }
    }
    const identity = { name: SIGNER, issuer: sandbox.addresses.issuer }
    return await use({ sandbox, verify: createKeyless(sandbox.trustedRoot), identity, make })
  } finally {
    await sandbox.close()
  }
}

/** One of each kind that a client makes, each about an artifact of its own. */
export const goodBundles = ({ make }: Instance, build = 'a'): readonly GoodBundle[] => [
  make('message', `${build}: message, Rekor v1 with timestamp`, { logs: [1] }),
  make('message', `${build}: message, Rekor v1 alone`, { logs: [1], timestamps: [] }),
  make('message', `${build}: message, Rekor v2`, { logs: [2] }),
  make('message', `${build}: message, both logs`, { logs: [1, 2] }),
  make('DSSE', `${build}: DSSE, Rekor v1`, { logs: [1] }),
  make('DSSE', `${build}: DSSE, Rekor v2`, { logs: [2] }),
]
