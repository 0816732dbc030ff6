import type { Claims } from '../../src/sigstore/evidence.ts'

/** A certificate and its statement, as far as gh looks at them. */
export interface GhBundle {
  readonly name: string
  readonly claims: Claims
  readonly predicateType: string
}

const VALUED = [
  ...['--bundle', '--repo', '--owner', '--predicate-type', '--cert-identity', '--cert-identity-regex'],
  ...['--signer-repo', '--signer-workflow', '--signer-digest', '--source-ref', '--source-digest'],
  ...['--cert-oidc-issuer', '--custom-trusted-root', '--digest-alg', '--hostname', '--limit', '--format'],
]
const FLAGS = ['--deny-self-hosted-runners', '--no-public-good', '--bundle-from-oci']
const SIGNER_FLAGS = ['--cert-identity', '--cert-identity-regex', '--signer-repo', '--signer-workflow']

const same = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase()

/** Options of `gh attestation verify` by name. Throws for what cobra refuses. */
export function parseGh(argv: readonly string[]): ReadonlyMap<string, string> {
  const [gh, attestation, verify, artifact, ...rest] = argv
  if (`${gh} ${attestation} ${verify}` !== 'gh attestation verify') throw new Error('another command')
  if (artifact === undefined || artifact.startsWith('-')) throw new Error('no artifact')
  const options = new Map<string, string>()
  for (let i = 0; i < rest.length; i++) {
    const name = rest[i] ?? ''
    if (FLAGS.includes(name)) options.set(name, 'true')
    else if (VALUED.includes(name)) options.set(name, rest[++i] ?? '')
    else throw new Error(`unknown flag: ${name}`)
  }
  if (options.has('--repo') === options.has('--owner')) throw new Error('one of --repo and --owner')
  if (SIGNER_FLAGS.filter((name) => options.has(name)).length > 1) throw new Error('two flags for the signer')
  return options
}

/**
 * Why gh would refuse, by its rules on github.com (github.md 6.4; cli/cli pkg/cmd/attestation/verify and verification);
 * undefined if it would accept. Its cryptography is not our matter here.
 */
export function ghRefusal(
  argv: readonly string[],
  { name, claims, predicateType }: GhBundle,
): string | undefined {
  const options = parseGh(argv)
  const repo = options.get('--repo') ?? ''
  const owner = options.get('--owner') ?? repo.split('/')[0]
  const rules: readonly (readonly [what: string, holds: boolean])[] = [
    ['bundle', /\.jsonl?$/.test(options.get('--bundle') ?? '')],
    ['repo', repo === '' || repo.split('/').length === 2],
    [
      'predicate type',
      predicateType === (options.get('--predicate-type') ?? 'https://slsa.dev/provenance/v1'),
    ],
    ['owner', same(`https://github.com/${owner}`, claims.sourceRepositoryOwnerUri)],
    ['source', repo === '' || same(`https://github.com/${repo}`, claims.sourceRepositoryUri)],
    [
      'issuer',
      same(options.get('--cert-oidc-issuer') ?? 'https://token.actions.githubusercontent.com', claims.issuer),
    ],
    ['signer', isSigner(options, name, repo || `${owner}`)],
    ['source ref', exact(options.get('--source-ref'), claims.sourceRepositoryRef)],
    ['source digest', exact(options.get('--source-digest'), claims.sourceRepositoryDigest)],
    ['signer digest', exact(options.get('--signer-digest'), claims.buildSignerDigest)],
    ['runner', !options.has('--deny-self-hosted-runners') || claims.runnerEnvironment === 'github-hosted'],
  ]
  return rules.find(([, holds]) => !holds)?.[0]
}

const exact = (asked: string | undefined, found: string | undefined): boolean =>
  asked === undefined || asked === found

function isSigner(options: ReadonlyMap<string, string>, name: string, fallback: string): boolean {
  const identity = options.get('--cert-identity')
  if (identity !== undefined) return identity === name
  const workflow = options.get('--signer-workflow')
  if (workflow !== undefined) return new RegExp(`^https://github.com/${workflow}`).test(name)
  return new RegExp(`^https://github.com/${options.get('--signer-repo') ?? fallback}/`, 'i').test(name)
}
