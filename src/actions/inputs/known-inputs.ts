import { printable } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import { countEdits } from './edit-distance.ts'

export type ActionName = 'sign' | 'verify' | 'monitor'

/** Inputs of `action.yml` with their defaults. */
export const SIGN_INPUTS = {
  'subject-path': '',
  'subject-checksums': '',
  'subject-digest': '',
  'subject-name': '',
  attest: 'none',
  'attest-each': 'false',
  'sbom-path': '',
  'predicate-type': '',
  predicate: '',
  'predicate-path': '',
  'bundle-path': '',
  'existing-bundles': 'keep-valid',
  release: '',
  'release-files': 'false',
  'release-assets': 'off',
  'release-publish': 'false',
  'upload-artifact': '',
  'artifact-retention-days': '',
  'github-attestations': 'off',
  sigstore: 'public-good',
  'trusted-root': '',
  'signing-config': '',
  'rekor-version': 'auto',
  'identity-token': '',
  'oidc-audience': 'sigstore',
  'allow-private-repository': 'false',
  'allow-unsafe-trigger': 'false',
  'expected-ref': '',
  'dry-run': 'false',
  'if-no-files-found': 'error',
  'ca-certificates': '',
  'show-summary': 'true',
  'time-budget': '10m',
  'github-token': '',
  'job-total': '',
} as const

/**
 * Inputs of `verify/action.yml` with their defaults. `sigstore` has none, so that a `trusted-root` alone can be told
 * from one beside an instance that was asked for.
 */
export const VERIFY_INPUTS = {
  'subject-path': '',
  'subject-checksums': '',
  'subject-digest': '',
  release: '',
  'bundle-path': '',
  'bundle-source': 'auto',
  'download-path': '',
  repository: '',
  'signer-workflow': '',
  'certificate-identity': '',
  'certificate-oidc-issuer': 'https://token.actions.githubusercontent.com',
  'source-ref': '',
  'source-digest': '',
  'signer-digest': '',
  'build-workflow': '',
  trigger: '',
  'deployment-environment': '',
  'repository-id': '',
  'owner-id': '',
  run: '',
  'deny-self-hosted-runners': 'false',
  'predicate-type': '',
  'signed-after': '',
  sigstore: '',
  'trusted-root': '',
  offline: 'false',
  'ca-certificates': '',
  'show-summary': 'true',
  'time-budget': '10m',
  'github-token': '',
} as const

const OFFERED: Readonly<Record<ActionName, readonly string[]>> = {
  sign: Object.keys(SIGN_INPUTS),
  verify: Object.keys(VERIFY_INPUTS),
  monitor: [],
}

/** Names that the design gives to an action and that this version cannot serve: ignoring one would sign or accept less than asked. */
const RESERVED: Readonly<Record<ActionName, readonly string[]>> = {
  sign: ['tuf-mirror', 'tuf-root'],
  verify: ['tuf-mirror', 'tuf-root'],
  monitor: ['repository', 'scan', 'since', 'policy', 'bootstrap'],
}

const ACTIONS: readonly ActionName[] = ['sign', 'verify', 'monitor']

/**
 * Finds misspelled inputs: the runner only warns of them. INPUT_UNKNOWN for a name that has a `-` or is within two edits
 * of an input of this action, and for one that this version does not offer yet. Names of our other actions are left
 * alone, since one job's environment may serve several. Any other name is returned as a warning: a job's own variable
 * may begin with `INPUT_` too.
 */
export function checkInputNames(
  given: ReadonlyMap<string, string>,
  action: Exclude<ActionName, 'monitor'>,
): readonly string[] {
  const own = OFFERED[action]
  const others = ACTIONS.filter((name) => name !== action)
  const unknown = [...given.keys()]
    .filter((name) => !own.includes(name))
    .filter((name) => mustBeServed(name, action) || !others.some((other) => OFFERED[other].includes(name)))
    .sort()
  const warnings: string[] = []
  for (const name of unknown) {
    if (RESERVED[action].includes(name)) throw notOffered(name)
    if (others.some((other) => RESERVED[other].includes(name))) continue
    const { nearest, edits } = findNearest(name, own)
    if (name.includes('-') || edits <= 2) throw unknownInput(name, nearest, edits, own)
    warnings.push(`\`INPUT_${show(name.toUpperCase())}\` is set, which is no input of this action`)
  }
  return warnings
}

/** To wait longer or to trust one more authority is no part of what is signed or accepted. */
const PASSED_OVER: readonly string[] = ['time-budget', 'ca-certificates']

const mustBeServed = (name: string, action: ActionName): boolean =>
  RESERVED[action].includes(name) && !PASSED_OVER.includes(name)

const show = (name: string): string => printable(name, 64)

const notOffered = (name: string): ActionError =>
  new ActionError('INPUT_UNKNOWN', `the input \`${name}\` is not offered by this version`, {
    hint: 'Remove the input, or use a version of the action that offers it.',
  })

function unknownInput(name: string, nearest: string, edits: number, own: readonly string[]): ActionError {
  const close = edits <= Math.max(2, Math.floor(name.length / 3))
  const advice = close ? `did you mean \`${nearest}\`?` : `the inputs are ${own.join(', ')}`
  return new ActionError('INPUT_UNKNOWN', `there is no input \`${show(name)}\`: ${advice}`)
}

function findNearest(name: string, own: readonly string[]): { nearest: string; edits: number } {
  let best = { nearest: '', edits: Number.POSITIVE_INFINITY }
  for (const candidate of own) {
    const edits = countEdits(name.slice(0, 64), candidate)
    if (edits < best.edits) best = { nearest: candidate, edits }
  }
  return best
}
