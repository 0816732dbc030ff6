import { makeBundle } from '../../sandbox/bundles.ts'
import { githubClaims, type RunFacts } from '../../sandbox/claims.ts'
import { parseVerifyInputs } from '../../src/actions/inputs/verify-inputs.ts'
import { ActionError } from '../../src/errors.ts'
import { withInstance } from './good-bundles.ts'
import { type Property, startTally, type Tally } from './property.ts'
import { isRefusal, judge } from './verdict.ts'

const IDENTITIES: readonly RunFacts[] = [
  {},
  { repository: 'octo/demo', ref: 'refs/heads/main', event: 'workflow_dispatch' },
  { repository: 'a/b', workflow: 'x.yaml', ref: 'refs/tags/v1' },
  { repository: 'octo/demo', calledWorkflow: 'shared/flows/.github/workflows/sign.yml@refs/tags/v3' },
  { repository: 'octo-org/a.b-c_d', ref: 'refs/heads/release/1.x' },
]

/** What looks like the name, from the point of view of a tired reader, a pattern or a parser of URLs. */
const NAMES: readonly ((name: string) => string)[] = [
  () => '',
  (name) => `${name} `,
  (name) => ` ${name}`,
  (name) => `${name}/`,
  (name) => `${name}\0`,
  (name) => `${name}\n`,
  (name) => `${name}x`,
  (name) => `x${name}`,
  (name) => name.slice(0, -1),
  (name) => name.slice(1),
  (name) => name.toUpperCase(),
  (name) => name.replace('github', 'Github'),
  (name) => name.replace('https:', 'http:'),
  (name) => name.replace('github.com', 'github.com.evil.example'),
  (name) => name.replace('github.com', 'github.com:443'),
  (name) => name.replace('github.com', 'octo@github.com'),
  (name) => name.replace('github.com', 'g\u0456thub.com'),
  (name) => name.replace('.com/', '.com//'),
  (name) => name.replace('/.github/', '/./.github/'),
  (name) => name.replace('@', '%40'),
  (name) => name.replace('@', '@@'),
  (name) => name.replace('@refs/', '@'),
  (name) =>
    name.replace(/@refs\/(heads|tags)\//, (_, kind) => `@refs/${kind === 'tags' ? 'heads' : 'tags'}/`),
  (name) => name.replace(/@.*/, ''),
  (name) => name.replace(/@.*/, '@*'),
  (name) => name.replace(/\.ya?ml@/, (end) => (end === '.yml@' ? '.yaml@' : '.yml@')),
  (name) => `${name}@refs/heads/main`,
  (name) => `${name}?x`,
  (name) => `${name}#x`,
  () => '.*',
]

/** Nobody may come through who asks like this. */
const BROAD: readonly Readonly<Record<string, string>>[] = [
  { repository: '*' },
  { repository: 'octo/*' },
  { repository: 'any' },
  { 'signer-workflow': '*' },
  { 'signer-workflow': 'octo/demo/.github/workflows/*' },
  { 'certificate-identity': '*' },
  { 'certificate-identity': '.*' },
  { 'certificate-identity': '^https://github.com/.*$' },
  { 'certificate-identity': 'https://github.com/octo/' },
  { 'certificate-oidc-issuer': '*' },
  { 'source-ref': 'refs/*' },
  { trigger: '*' },
]

function checkBroad(tally: Tally): void {
  for (const inputs of BROAD) {
    let outcome = 'accepted'
    try {
      parseVerifyInputs(new Map(Object.entries({ 'subject-path': 'x', ...inputs })))
    } catch (error) {
      outcome = error instanceof ActionError ? error.code : `bug: ${String(error)}`
    }
    tally.check(isRefusal(outcome), `${JSON.stringify(inputs)}: ${outcome}`)
  }
}

export const property: Property = {
  number: 5,
  title: 'Identity is exact',
  measure: () =>
    withInstance(({ sandbox, verify, identity: { issuer } }) => {
      const tally = startTally()
      const artifact = Buffer.from('what a workflow built\n')
      for (const facts of IDENTITIES) {
        const claims = githubClaims(facts)
        const { bytes } = makeBundle(
          sandbox,
          { artifact },
          { leaf: { identity: { iss: issuer, ...claims } } },
        )
        const name = `https://github.com/${String(claims['job_workflow_ref'])}`
        const verdict = judge(verify, bytes, artifact, { name, issuer })
        tally.check(verdict === 'accepted', `${name} itself: ${verdict}`)
        for (const change of NAMES) {
          const wrong = change(name)
          const found = judge(verify, bytes, artifact, { name: wrong, issuer })
          tally.check(wrong !== name && isRefusal(found), `${JSON.stringify(wrong)} for ${name}: ${found}`)
        }
        for (const wrong of [`${issuer}/`, issuer.replace('http', 'HTTP'), `${issuer}x`, '']) {
          const found = judge(verify, bytes, artifact, { name, issuer: wrong })
          tally.check(isRefusal(found), `issuer ${wrong}: ${found}`)
        }
      }
      checkBroad(tally)
      return tally.result(
        '5 names accepted, 30 near misses and 4 other issuers of each refused, 12 broad policies',
      )
    }),
}
