import { parseWorkflowIdentity } from '../../sigstore/workflow-identity.ts'
import type { TrustInfo } from '../job/trust-source.ts'
import { firstExtensions, instanceOf, type RecipeFacts } from './recipe-facts.ts'
import { commandLines, option, quoteShell, withLoop } from './recipe-shell.ts'

/** Recipes for the tools of others, each a comment and a command. */

const SERVER = 'https://github.com'
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
const USUAL_PREDICATE = 'https://slsa.dev/provenance/v1'

/** `--use-signed-timestamps`: unasked, cosign takes the time of a Rekor v1 bundle from the log alone. */
export function cosignRecipe(facts: RecipeFacts): string {
  const { file, digest, predicateType } = facts
  const { trust } = facts.context
  const { sha, repository, ref } = firstExtensions(facts.signer)
  const logGivesTime = facts.evidence.times.some(({ source }) => source === 'transparency log')
  const options = [
    ...option('type', predicateType),
    ...option('certificate-identity', facts.name),
    ...option('certificate-oidc-issuer', facts.issuer),
    ...option('certificate-github-workflow-repository', repository),
    ...option('certificate-github-workflow-ref', ref),
    ...option('certificate-github-workflow-sha', sha),
    ...(logGivesTime ? [] : ['--use-signed-timestamps']),
    ...(instanceOf(trust) === 'custom' ? option('trusted-root', fileOf(trust)) : []),
  ]
  const first = instanceOf(trust) === 'staging' ? ['# Once before: cosign initialize --staging'] : []
  const isStatement = predicateType !== undefined
  const words = ['cosign', isStatement ? 'verify-blob-attestation' : 'verify-blob']
  const subject = file === undefined ? [`--digest ${digest}`, '--digestAlg sha256'] : [quoteShell(file)]
  return ['# With cosign 3:', ...first, ...withLoop(words, options, subject, facts)].join('\n')
}

/**
 * `verify github` pins ref and commit too, but has GitHub's issuer built in and needs the first extensions; for all others
 * `verify identity` pins the signer alone.
 */
export function pythonRecipe(facts: RecipeFacts): string {
  const { trust } = facts.context
  const { sha, repository, ref } = firstExtensions(facts.signer)
  const instance = instanceOf(trust)
  const global =
    instance === 'staging'
      ? ['--staging']
      : instance === 'custom'
        ? ['--trust-config ./trust_config.json']
        : []
  const ofGitHub = facts.issuer === GITHUB_ISSUER && sha !== undefined
  const options = [
    ...option('cert-identity', facts.name),
    ...(ofGitHub
      ? [...option('repository', repository), ...option('ref', ref), ...option('sha', sha)]
      : option('cert-oidc-issuer', facts.issuer)),
  ]
  const remarks = [
    ...(ofGitHub ? [] : ['# This pins the signer, not the commit: the tool has no option for it.']),
    ...(instance === 'custom'
      ? [
          '# trust_config.json is the ClientTrustConfig of your instance: trusted root and signing config in one.',
        ]
      : []),
    ...(facts.predicateType === undefined ? [] : ['# It does not compare the type of the attestation.']),
  ]
  const subject = facts.file === undefined ? `sha256:${facts.digest}` : quoteShell(facts.file)
  const words = ['python -m sigstore', ...global, 'verify', ofGitHub ? 'github' : 'identity']
  return ['# With sigstore-python 4:', ...remarks, ...withLoop(words, options, [subject], facts)].join('\n')
}

/** As an input wrote it, made safe in front of a shell: a relative path gets its `./`. */
const fileOf = ({ name }: TrustInfo): string => (/^(?:\.{0,2}\/|[A-Za-z]:)/.test(name) ? name : `./${name}`)

/**
 * gh knows attestations alone, of repositories on github.com, and reads files ending in `.json` or `.jsonl` (cli/cli
 * pkg/cmd/attestation/verify). The exact name is the narrowest of its four ways to say who signed, and the one that is right
 * for a called workflow of any repository. Nothing for whatever it could not verify.
 */
export function ghRecipe(facts: RecipeFacts): readonly string[] {
  const { predicateType, claims, name, file, issuer, bundle, context } = facts
  const repository = repositoryOf(facts)
  if (predicateType === undefined || repository === undefined || file === undefined) return []
  const instance = instanceOf(context.trust)
  if (instance === 'staging' || parseWorkflowIdentity(name, SERVER) === undefined) return []
  const options = [
    `--bundle ${quoteShell(bundle)}`,
    ...option('repo', repository),
    ...(predicateType === USUAL_PREDICATE ? [] : option('predicate-type', predicateType)),
    ...option('cert-identity', name),
    ...(issuer === GITHUB_ISSUER ? [] : option('cert-oidc-issuer', issuer)),
    ...option('source-ref', claims.sourceRepositoryRef),
    ...option('source-digest', claims.sourceRepositoryDigest),
    ...option('signer-digest', claims.buildSignerDigest),
    ...(claims.runnerEnvironment === 'github-hosted' ? ['--deny-self-hosted-runners'] : []),
    ...(instance === 'custom' ? ['--custom-trusted-root ./trusted_root.jsonl'] : []),
  ]
  const remarks =
    instance === 'custom' ? ['# trusted_root.jsonl is the trusted root of your instance on one line.'] : []
  const command = commandLines(['gh', 'attestation', 'verify', quoteShell(file)], options)
  return [['# With gh:', ...remarks, command].join('\n')]
}

function repositoryOf({ claims }: RecipeFacts): string | undefined {
  const [, name] = /^https:\/\/github\.com\/([^/]+\/[^/]+)$/.exec(claims.sourceRepositoryUri ?? '') ?? []
  return name
}
