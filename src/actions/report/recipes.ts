import { groupDigits } from '../../core/counts.ts'
import { isPublicGitHubIssuer, parseWorkflowIdentity } from '../../sigstore/workflow-identity.ts'
import type { TrustInfo } from '../job/trust-source.ts'
import type { SubjectOutcome } from './outcome.ts'
import {
  instanceOf,
  isInRoot,
  type RecipeContext,
  type RecipeFacts,
  recipeFacts,
  suffixBeside,
} from './recipe-facts.ts'
import { cosignRecipe, ghRecipe, pythonRecipe } from './recipe-tools.ts'

/** Commands that verify one signed file, as narrow as each tool can be told: exact identity, ref and commit. */

const SERVER = 'https://github.com'
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** Triggers that the verify action accepts unasked. */
const PLAIN_TRIGGERS: ReadonlySet<string> = new Set(['push', 'release', 'workflow_dispatch', 'schedule'])

/** The text of `verify-commands`, a shell script: three ways, for attestations four, each with a comment above. Empty if there is nothing to verify. */
export function encodeRecipes(subject: SubjectOutcome, context: RecipeContext): string {
  const facts = recipeFacts(subject, context)
  if (facts === undefined) return ''
  const others = facts.bundle.endsWith('.jsonl')
    ? [
        '# cosign and sigstore-python read one bundle a file: take the line of this file out of the .jsonl first.',
      ]
    : facts.evidence.entries.length === 0
      ? [
          '# cosign and sigstore-python ask for an entry in a public log, which this instance of GitHub does not make.',
        ]
      : [cosignRecipe(facts), pythonRecipe(facts)]
  return `${[headline(facts), actionRecipe(facts), ...others, ...ghRecipe(facts)].join('\n\n')}\n`
}

function headline({ file, subject, context, predicateType }: RecipeFacts): string {
  const kind = predicateType === undefined ? 'signed file' : 'attested subject'
  const which = context.count > 1 ? `, one of ${groupDigits(context.count)} ${kind}s` : ''
  return `# How to verify ${comment(file ?? subject)}${which}. Run the commands where the paths start.`
}

/** A foreign name cannot end the comment: names hold no line ends, and this makes sure. */
const comment = (text: string): string => text.replace(/\p{Cc}/gu, '?')

/** Single-quoted YAML (1.2, 7.3.2) escapes nothing but `'`. */
export const quoteYaml = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A path as a pattern that matches itself alone: what is special in patterns, or trimmed off a line, stands in brackets. */
const literalPattern = (path: string): string => path.replace(/[*?[,]|^ | $/g, '[$&]')

const USUAL_PREDICATE = 'https://slsa.dev/provenance/v1'

function actionRecipe(facts: RecipeFacts): string {
  const { file, digest, predicateType, context } = facts
  const inputs = [
    file === undefined
      ? ['subject-digest', `sha256:${digest}`]
      : ['subject-path', literalPattern(withoutDot(file))],
    ...(isFound(facts) ? [] : [['bundle-path', withoutDot(facts.bundle)]]),
    ...(predicateType === undefined || predicateType === USUAL_PREDICATE
      ? []
      : [['predicate-type', predicateType]]),
    ...signerInputs(facts),
    ...sourceInputs(facts),
    ...instanceInputs(context.trust),
  ]
  const many = context.count > 1 ? [`# ${forOthers(facts)}`] : []
  return [
    '# In a workflow, with this action (without the #):',
    ...many,
    `#   - uses: ${quoteYaml(context.uses)}`,
    '#     with:',
    ...inputs.map(([name, value]) => `#       ${name}: ${comment(quoteYaml(value ?? ''))}`),
  ].join('\n')
}

const forOthers = ({ predicateType, file }: RecipeFacts): string =>
  file === undefined && predicateType !== undefined
    ? 'For the others: their digests in subject-digest, their paths in subject-path, one a line.'
    : 'For the others: one path or pattern a line in subject-path; a file without a bundle fails.'

/** Whether the verify action looks there by itself. */
const isFound = (facts: RecipeFacts): boolean =>
  suffixBeside(facts) !== undefined || (facts.predicateType !== undefined && isInRoot(facts))

/** `!` in front would exclude the file: there the `./` stays. */
const withoutDot = (path: string): string => (path.startsWith('./!') ? path : path.slice(2))

/** `signer-workflow` where the signer is a workflow on github.com, else the exact name. */
function signerInputs({ name, issuer, claims, signer }: RecipeFacts): string[][] {
  const workflow =
    signer.name.type === 'uri' && isPublicGitHubIssuer(issuer)
      ? parseWorkflowIdentity(name, SERVER)
      : undefined
  const source = claims.sourceRepositoryUri
  const repository = source?.startsWith(`${SERVER}/`) ? source.slice(SERVER.length + 1) : undefined
  const issuerInput = issuer === GITHUB_ISSUER ? [] : [['certificate-oidc-issuer', issuer]]
  if (workflow === undefined || repository === undefined) {
    return [['certificate-identity', name], ...issuerInput, ['repository', repository ?? 'any']]
  }
  return [
    ['repository', repository],
    ['signer-workflow', `${workflow.repository}/${workflow.path}@${workflow.ref}`],
    ...issuerInput,
  ]
}

function sourceInputs({ claims }: RecipeFacts): string[][] {
  const { sourceRepositoryRef: ref, sourceRepositoryDigest: commit, buildTrigger: trigger } = claims
  return [
    ...(ref === undefined ? [] : [['source-ref', ref]]),
    ...(commit === undefined ? [] : [['source-digest', commit]]),
    ...(trigger === undefined || PLAIN_TRIGGERS.has(trigger) ? [] : [['trigger', trigger]]),
  ]
}

function instanceInputs(trust: TrustInfo): string[][] {
  const instance = instanceOf(trust)
  if (instance === 'public-good') return []
  if (instance !== 'custom') return [['sigstore', instance]]
  return [
    ['sigstore', 'custom'],
    ['trusted-root', trust.name],
  ]
}
