import { type BundleContent, makeBundle } from '../../sandbox/bundles.ts'
import { githubClaims, type RunFacts } from '../../sandbox/claims.ts'
import { addAsset, addRelease, annotateTag } from '../../sandbox/github/release-store.ts'
import type { Asset, Release, Repository } from '../../sandbox/github/state.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { sha256 } from './stored.ts'

/** A release of octo/demo in a sandbox, with what a run on its tag signs. */
export interface Released {
  readonly release: Release
  readonly repository: Repository
  /** Puts a file there as it is. */
  readonly put: (name: string, content: string | Uint8Array) => Asset
  /** Puts a file there and, beside it, its signature. */
  readonly putSigned: (name: string, content: string, run?: RunFacts) => void
  /** A signature over the content. */
  readonly sign: (content: string, run?: RunFacts) => string
  /** An attestation over files by name, with the type of SLSA provenance. */
  readonly attest: (files: Readonly<Record<string, string>>, predicateType?: string) => string
  /** Moves the tag, by way of an annotated one if asked for. */
  readonly moveTag: (commit: string, annotated?: boolean) => void
}

export function makeRelease(
  sandbox: Sandbox,
  given: { readonly draft?: boolean; readonly tag?: string; readonly repository?: Repository } = {},
): Released {
  const { state } = sandbox.github
  const { draft = false, tag = 'v1.0.0', repository = sandbox.github.repository } = given
  const release = addRelease(state, repository, { tag, draft })
  const full = `${repository.owner}/${repository.name}`
  const facts: RunFacts = {
    repository: full,
    repositoryId: String(repository.id),
    ownerId: String(repository.ownerId),
    ref: `refs/tags/${tag}`,
  }
  const make = (content: BundleContent, run: RunFacts = {}): string => {
    const identity = { iss: sandbox.authorities.issuer.url, ...githubClaims({ ...facts, ...run }) }
    return makeBundle(sandbox, content, { leaf: { identity } }).bytes.toString()
  }
  const put = (name: string, content: string | Uint8Array): Asset => addAsset(state, release, name, content)
  const sign = (content: string, run?: RunFacts): string => make({ artifact: Buffer.from(content) }, run)
  return {
    release,
    repository,
    put,
    sign,
    putSigned: (name, content, run) => {
      put(name, content)
      put(`${name}.sigstore.json`, sign(content, run))
    },
    attest: (files, predicateType = 'https://slsa.dev/provenance/v1') => {
      const subject = Object.entries(files).map(([name, content]) => ({
        name,
        digest: { sha256: sha256(content) },
      }))
      return make({
        statement: { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} },
      })
    },
    moveTag: (commit, annotated) => {
      if (annotated === true) annotateTag(repository, tag, commit)
      else repository.tags.set(tag, { type: 'commit', sha: commit })
    },
  }
}
