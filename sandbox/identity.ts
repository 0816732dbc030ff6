import { type ExtensionFields, fulcioExtension, type SubjectAlternativeName } from './extensions.ts'
import { at, textAt } from './fields.ts'

/** What a certificate says about who asked for it. */
export interface CertifiedIdentity {
  readonly name: SubjectAlternativeName
  readonly extensions: readonly ExtensionFields[]
}

/** Fulcio's answer to a token that lacks something: the text of its 400. */
export class ClaimError extends Error {}

/**
 * Fulcio's extensions of a GitHub run by their numbers (fulcio config/identity/config.yaml). A bare word is a claim, braces
 * stand inside a template.
 */
const TEMPLATES: readonly (readonly [number, string])[] = [
  [1, '{iss}'],
  [2, 'event_name'],
  [3, 'sha'],
  [4, 'workflow'],
  [5, 'repository'],
  [6, 'ref'],
  [8, '{iss}'],
  [9, '{url}/{job_workflow_ref}'],
  [10, 'job_workflow_sha'],
  [11, 'runner_environment'],
  [12, '{url}/{repository}'],
  [13, 'sha'],
  [14, 'ref'],
  [15, 'repository_id'],
  [16, '{url}/{repository_owner}'],
  [17, 'repository_owner_id'],
  [18, '{url}/{workflow_ref}'],
  [19, 'workflow_sha'],
  [20, 'event_name'],
  [21, '{url}/{repository}/actions/runs/{run_id}/attempts/{run_attempt}'],
  [22, 'repository_visibility'],
  [23, 'environment'],
  [24, '{sub}'],
]

/** Those that are a claim, as Fulcio's configuration calls them (certificate.Extensions). */
const NAMES: Readonly<Record<number, string>> = {
  2: 'GithubWorkflowTrigger',
  3: 'GithubWorkflowSHA',
  4: 'GithubWorkflowName',
  5: 'GithubWorkflowRepository',
  6: 'GithubWorkflowRef',
  10: 'BuildSignerDigest',
  11: 'RunnerEnvironment',
  13: 'SourceRepositoryDigest',
  14: 'SourceRepositoryRef',
  15: 'SourceRepositoryIdentifier',
  17: 'SourceRepositoryOwnerIdentifier',
  19: 'BuildConfigDigest',
  20: 'BuildTrigger',
  22: 'SourceRepositoryVisibilityAtSigning',
  23: 'DeploymentEnvironment',
}

/** `null` leaves an extension out, a text replaces it. */
export type ExtensionChanges = Readonly<Record<number, string | null>>

/** A workflow of GitHub: SAN and extensions from the claims. ClaimError if one is missing that is needed. */
export function githubIdentity(
  claims: Readonly<Record<string, unknown>>,
  changes: ExtensionChanges = {},
  url = 'https://github.com',
): CertifiedIdentity {
  const values: Readonly<Record<string, unknown>> = { environment: '', sub: '', ...defined(claims), url }
  const texts = TEMPLATES.map(([number, template]): [number, string] => [
    number,
    changes[number] === undefined ? fill(number, template, values) : (changes[number] ?? ''),
  ])
  const more = Object.entries(changes).flatMap(([number, text]): [number, string][] =>
    texts.some(([known]) => known === Number(number)) || text === null ? [] : [[Number(number), text]],
  )
  return {
    name: { type: 'uri', value: fillTemplate('{url}/{job_workflow_ref}', values) },
    extensions: encodeTexts([...texts, ...more]),
  }
}

/** A mailbox: Fulcio's e-mail issuers. */
export function emailIdentity(claims: Readonly<Record<string, unknown>>): CertifiedIdentity {
  const email = textAt(claims, 'email')
  if (email === '') throw new ClaimError('token does not contain an email')
  if (at(claims, 'email_verified') !== true) throw new ClaimError('email_verified claim was false')
  const issuer = textAt(claims, 'iss')
  const texts: [number, string][] = [
    [1, issuer],
    [8, issuer],
  ]
  return { name: { type: 'email', value: email }, extensions: encodeTexts(texts) }
}

/** An empty value is not written at all. */
const encodeTexts = (texts: readonly (readonly [number, string])[]): ExtensionFields[] =>
  texts.filter(([, text]) => text !== '').map(([number, text]) => fulcioExtension(number, text))

const defined = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

function fill(number: number, template: string, values: Readonly<Record<string, unknown>>): string {
  if (template.includes('{')) return fillTemplate(template, values)
  const value = values[template]
  if (value !== undefined) return String(value)
  const where = JSON.stringify({ ExtensionName: NAMES[number], Issuer: values['iss'] }, null, '\t')
  throw new ClaimError(`value <${template}> not present in either claims or defaults. ${where}`)
}

/** In the words of Go's templates, whose places are written `{{ .name }}`. */
function fillTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string, at: number) => {
    const value = values[name]
    if (value !== undefined) return String(value)
    const column = template.slice(0, at).replace(/\{(\w+)\}/g, '{{ .$1 }}').length + '{{ '.length
    const place = `:1:${column}: executing "" at <.${name}>`
    throw new ClaimError(`template: ${place}: map has no entry for key "${name}"`)
  })
}
