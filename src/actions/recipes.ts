import { isPublicGitHubIssuer, parseWorkflowIdentity } from '../sigstore/workflow-identity.ts'
import type { SubjectOutcome, TrustInfo } from './outcome.ts'
import { firstExtensions, type RecipeContext, type RecipeFacts, recipeFacts } from './recipe-facts.ts'
import type { InstanceName } from './trust-source.ts'

/** Commands that verify one signed file, as narrow as each tool can be told: exact identity, ref and commit. */

const SERVER = 'https://github.com'
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
const SUFFIX = '.sigstore.json'

/** Triggers that the verify action accepts unasked. */
const PLAIN_TRIGGERS: ReadonlySet<string> = new Set(['push', 'release', 'workflow_dispatch', 'schedule'])

/** The text of `verify-commands`, a shell script: three ways, each with a comment above. Empty if there is nothing to verify. */
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
  return `${[headline(facts), actionRecipe(facts), ...others].join('\n\n')}\n`
}

function headline({ file, context }: RecipeFacts): string {
  const which = context.count > 1 ? `, one of ${context.count.toLocaleString('en-US')} signed files` : ''
  return `# How to verify ${comment(file)}${which}. Run the commands where the paths start.`
}

/** A foreign name cannot end the comment: names hold no line ends, and this makes sure. */
const comment = (text: string): string => text.replace(/\p{Cc}/gu, '?')

/** `'` alone is special in single quotes, for a POSIX shell (2.2.2). */
export const quoteShell = (text: string): string =>
  /^[A-Za-z0-9_./][A-Za-z0-9_./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** Single-quoted YAML (1.2, 7.3.2) escapes nothing but `'`. */
export const quoteYaml = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A path as a pattern that matches itself alone: what is special in patterns, or trimmed off a line, stands in brackets. */
const literalPattern = (path: string): string => path.replace(/[*?[,]|^ | $/g, '[$&]')

function actionRecipe(facts: RecipeFacts): string {
  const inputs = [
    ['subject-path', literalPattern(withoutDot(facts.file))],
    ...(facts.bundle === facts.file + SUFFIX ? [] : [['bundle-path', withoutDot(facts.bundle)]]),
    ...signerInputs(facts),
    ...sourceInputs(facts),
    ...instanceInputs(facts.context.trust),
  ]
  const many =
    facts.context.count > 1
      ? ['# For the others: one path or pattern a line in `subject-path`; a file without a bundle fails.']
      : []
  return [
    '# In a workflow, with this action (without the `#`):',
    ...many,
    `#   - uses: ${quoteYaml(facts.context.uses)}`,
    '#     with:',
    ...inputs.map(([name, value]) => `#       ${name}: ${comment(quoteYaml(value ?? ''))}`),
  ].join('\n')
}

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

const instanceOf = ({ source, name }: TrustInfo): InstanceName | 'custom' =>
  source === 'file' ? 'custom' : name === 'staging' || name === 'github' ? name : 'public-good'

function instanceInputs(trust: TrustInfo): string[][] {
  const instance = instanceOf(trust)
  if (instance === 'public-good') return []
  if (instance !== 'custom') return [['sigstore', instance]]
  return [
    ['sigstore', 'custom'],
    ['trusted-root', trust.name],
  ]
}

/** A command over lines; the last two words of it, bundle and file, are shell text already. */
function command(words: readonly string[], options: readonly string[], bundle: string, file: string): string {
  return [
    words.join(' '),
    ...options.map((option) => `  ${option}`),
    `  --bundle ${bundle}`,
    `  ${file}`,
  ].join(' \\\n')
}

const option = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`--${name} ${quoteShell(value)}`]

/** `--use-signed-timestamps`: unasked, cosign takes the time of a Rekor v1 bundle from the log alone. */
function cosignRecipe(facts: RecipeFacts): string {
  const { trust } = facts.context
  const { sha, repository, ref } = firstExtensions(facts.signer)
  const logGivesTime = facts.evidence.times.some(({ source }) => source === 'transparency log')
  const options = [
    ...option('certificate-identity', facts.name),
    ...option('certificate-oidc-issuer', facts.issuer),
    ...option('certificate-github-workflow-repository', repository),
    ...option('certificate-github-workflow-ref', ref),
    ...option('certificate-github-workflow-sha', sha),
    ...(logGivesTime ? [] : ['--use-signed-timestamps']),
    ...(instanceOf(trust) === 'custom' ? option('trusted-root', fileOf(trust)) : []),
  ]
  const first = instanceOf(trust) === 'staging' ? ['# Once before: cosign initialize --staging'] : []
  return ['# With cosign 3:', ...first, ...withLoop(['cosign', 'verify-blob'], options, facts)].join('\n')
}

/**
 * `verify github` pins ref and commit too, but has GitHub's issuer built in and needs the first extensions; for all others
 * `verify identity` pins the signer alone.
 */
function pythonRecipe(facts: RecipeFacts): string {
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
  ]
  const words = ['python -m sigstore', ...global, 'verify', ofGitHub ? 'github' : 'identity']
  return ['# With sigstore-python 4:', ...remarks, ...withLoop(words, options, facts)].join('\n')
}

/** As an input wrote it, made safe in front of a shell: a relative path gets its `./`. */
const fileOf = ({ name }: TrustInfo): string => (/^(?:\.{0,2}\/|[A-Za-z]:)/.test(name) ? name : `./${name}`)

/**
 * The command for the one file and, if bundles lie beside the files, a loop over its folder. The loop runs in a subshell,
 * whose exit code is that of the first failure; `break` would end with 0.
 */
function withLoop(words: readonly string[], options: readonly string[], facts: RecipeFacts): string[] {
  const { bundle, file, context } = facts
  const one = command(words, options, quoteShell(bundle), quoteShell(file))
  if (context.count < 2 || bundle !== file + SUFFIX) return [one]
  const folder = bundle.slice(0, bundle.lastIndexOf('/'))
  const each = command(words, options, '"$bundle"', `"\${bundle%${SUFFIX}}"`)
  return [
    one,
    '# The same for every bundle in the folder; a file that has none is not looked at:',
    `(for bundle in ${quoteShell(folder)}/*${SUFFIX}; do`,
    `${each} || exit 1`,
    'done)',
  ]
}
