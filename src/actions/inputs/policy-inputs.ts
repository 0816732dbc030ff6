import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { WorkflowRule } from '../../sigstore/policy.ts'
import { isCommit } from '../../sigstore/workflow-identity.ts'
import { findPatternFault, findRefFault } from './ref-syntax.ts'

/** `current` is the commit of this run. */
export type SourceDigest = { readonly kind: 'current' } | { readonly kind: 'exact'; readonly digest: string }

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/
const REPOSITORY = /^(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/
const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/
const REGULAR_EXPRESSION = /^\^|\$$|\\|\(\?|[)\]][*+?]/

export function policySyntax(name: string, value: string, why: string, corrected?: string): ActionError {
  const line = corrected === undefined || corrected === value ? '' : `; write \`${name}: ${corrected}\``
  return new ActionError('POLICY_SYNTAX', `\`${name}\` is ${quote(value)}: ${why}${line}`)
}

export const policyTooBroad = (name: string, value: string, why: string): ActionError =>
  new ActionError('POLICY_TOO_BROAD', `\`${name}\` is ${quote(value)}: ${why}`)

export function assertExact(name: string, value: string): void {
  if (REGULAR_EXPRESSION.test(value)) {
    throw policySyntax(name, value, 'it is compared as it stands and is no regular expression')
  }
  if (value.includes('*')) throw policyTooBroad(name, value, '`*` would stand for anybody')
}

/** What people paste: a URL to clone or browse, with a final slash or `.git`. The bare `owner/name…` of it. */
export const stripUrl = (value: string): string =>
  value
    .replace(/^[a-z+]+:\/\/[^/]*\//i, '')
    .replace(/^[^/@]+@[^/:]+:/, '')
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')

function isRepository(text: string): boolean {
  const [owner = '', name = '', ...rest] = text.split('/')
  return OWNER.test(owner) && REPOSITORY.test(name) && rest.length === 0
}

/** `owner/name`. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseRepository(value: string): string {
  assertExact('repository', value)
  if (isRepository(value)) return value
  const corrected = stripUrl(value).split('/').slice(0, 2).join('/')
  throw policySyntax(
    'repository',
    value,
    'it must be `owner/name`',
    isRepository(corrected) ? corrected : undefined,
  )
}

/** `owner/repo/.github/workflows/x.yml`, then `@` and a full ref, a commit, or a ref with `*`. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseSignerWorkflow(value: string): WorkflowRule {
  const { workflow, ref } = splitAtRef(value)
  const rule = parseWorkflow('signer-workflow', value)
  if (ref === undefined) return rule
  assertSignerRef(value, workflow, ref)
  return { ...rule, ref }
}

/** Repository and path of a workflow; what stands behind its `@` is the matter of the caller. */
export function parseWorkflow(input: string, value: string): { repository: string; path: string } {
  const { workflow, ref } = splitAtRef(value)
  assertExact(input, workflow)
  const [owner = '', name = '', ...rest] = workflow.split('/')
  const repository = `${owner}/${name}`
  const path = rest.join('/')
  if (isRepository(repository) && WORKFLOW.test(path)) return { repository, path }
  const why = 'it must be `owner/repo/.github/workflows/x.yml`'
  throw policySyntax(input, value, why, correctWorkflow(workflow, ref))
}

/** The first `@` behind `.yml` or `.yaml` ends the path, as it does in a certificate. */
export function splitAtRef(value: string): { workflow: string; ref?: string } {
  const end = /\.ya?ml@/.exec(value)
  if (end === null) return { workflow: value }
  const at = end.index + end[0].length - 1
  return { workflow: value.slice(0, at), ref: value.slice(at + 1) }
}

function correctWorkflow(workflow: string, ref: string | undefined): string | undefined {
  const [owner = '', name = '', ...rest] = stripUrl(workflow).split('/')
  const path = rest.length === 1 ? `.github/workflows/${rest[0]}` : rest.join('/')
  if (!isRepository(`${owner}/${name}`) || !WORKFLOW.test(path)) return undefined
  return `${owner}/${name}/${path}${ref === undefined ? '' : `@${ref}`}`
}

function assertSignerRef(value: string, workflow: string, ref: string): void {
  if (ref === '*' || isCommit(ref)) return
  if (isCommit(ref.toLowerCase())) {
    const corrected = `${workflow}@${ref.toLowerCase()}`
    throw policySyntax('signer-workflow', value, 'a commit has lower-case digits', corrected)
  }
  const fault = findPatternFault(ref)
  if (fault !== undefined) throw policySyntax('signer-workflow', value, `behind the \`@\` ${fault}`)
}

const GITHUB = 'https://github.com/'

/** The whole subject alternative name, kept as it stands. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseCertificateIdentity(value: string): string {
  const name = 'certificate-identity'
  assertExact(name, value)
  const { workflow, ref } = splitAtRef(value)
  const isBare =
    isRepository(workflow.split('/').slice(0, 2).join('/')) && workflow.includes('/.github/workflows/')
  if (isBare || value.startsWith('http://github.com/')) {
    const whole = GITHUB + stripUrl(workflow) + (ref === undefined ? '' : `@${ref}`)
    throw policySyntax(name, value, 'the name in a certificate is a whole URL', whole)
  }
  if (value.startsWith(GITHUB) && !/^[^/]+\/[^/]+\/[^@]+@[^/]/.test(value.slice(GITHUB.length))) {
    const shape = `${GITHUB}owner/repo/.github/workflows/x.yml@refs/heads/main`
    throw policySyntax(name, value, `a workflow of GitHub signs as \`${shape}\``)
  }
  return value
}

const PUBLIC_ISSUER = 'https://token.actions.githubusercontent.com'

/** An https URL (http on loopback), kept as it stands. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseIssuer(value: string): string {
  const name = 'certificate-oidc-issuer'
  assertExact(name, value)
  if (value.replace(/^(?:https?:\/\/)?/, 'https://').replace(/\/+$/, '') === PUBLIC_ISSUER) {
    if (value === PUBLIC_ISSUER) return value
    throw policySyntax(name, value, 'an issuer is compared exactly', PUBLIC_ISSUER)
  }
  const url = URL.parse(value)
  if (url === null || /\s/.test(value) || url.username !== '' || url.password !== '') {
    throw policySyntax(name, value, 'it must be an https URL')
  }
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) return value
  throw policySyntax(name, value, 'it must be an https URL')
}

/** A full, exact ref. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseSourceRef(value: string): string {
  if (value.startsWith('refs/') && value.includes('*')) {
    throw policyTooBroad('source-ref', value, '`*` is allowed in the ref of `signer-workflow` only')
  }
  assertExact('source-ref', value)
  const fault = findRefFault(value)
  if (fault === undefined) return value
  throw policySyntax('source-ref', value, fault)
}

/** `current`, or a commit as 40 or 64 lower-case hexadecimal digits. POLICY_SYNTAX. */
export function parseSourceDigest(value: string): SourceDigest {
  if (value === 'current') return { kind: 'current' }
  if (isCommit(value)) return { kind: 'exact', digest: value }
  const corrected = value.replace(/^(?:git)?sha(?:1|256)?:/i, '').toLowerCase()
  const why = 'it must be `current`, or a commit as 40 or 64 lower-case hexadecimal digits'
  throw policySyntax('source-digest', value, why, isCommit(corrected) ? corrected : undefined)
}

/** The name of one event. POLICY_SYNTAX, POLICY_TOO_BROAD. */
export function parseTrigger(value: string): string {
  assertExact('trigger', value)
  if (/^[a-z][a-z_]{0,63}$/.test(value)) return value
  throw policySyntax('trigger', value, 'it must be one event such as `push`')
}
