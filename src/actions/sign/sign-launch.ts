import type { World } from '../../ports.ts'
import type { Evidence } from '../../sigstore/evidence.ts'
import { SIGN_OUTPUTS } from '../inputs/known-outputs.ts'
import type { Shipped } from '../job/trust-source.ts'
import { launch } from '../report/launch.ts'
import type { PublicRecord, SignOutcome, SubjectOutcome } from '../report/outcome.ts'
import { verifyUses } from '../report/recipe-facts.ts'
import { encodeRecipes } from '../report/recipes.ts'
import { sign } from './sign.ts'

/** The sign action as the runner starts it. Resolves to whether it succeeded. */
export function launchSign(world: World, shipped: Shipped): Promise<boolean> {
  const started = world.clock.now()
  const recipes = (outcome: SignOutcome): string => recipesOf(world, outcome)
  return launch<SignOutcome>(world, {
    run: () => sign(world, shipped),
    failed: (error, untold) => ({
      action: 'sign',
      version: world.version,
      started,
      subjects: [],
      ...untold,
      result: 'failed',
      finished: world.clock.now(),
      public: untold === undefined ? [] : publicOf(untold),
      error,
    }),
    names: SIGN_OUTPUTS,
    outputs: (outcome) => ({ ...outputsOf(world, outcome), 'verify-commands': recipes(outcome) }),
    recipes,
  })
}

/** What a run made public that had gone well until it was to be told. */
function publicOf({ public: known, identity, subjects }: SignOutcome): readonly PublicRecord[] {
  if (known.length > 0) return known
  const entries = madeBundles(subjects).flatMap(({ evidence, names }) =>
    evidence.entries.map(({ log, index }) => {
      const [subject, ...others] = names
      const about = subject === undefined || others.length > 0 ? {} : { subject }
      return { kind: 'entry', log, index, ...about } as const
    }),
  )
  if (entries.length === 0 || identity === undefined) return entries
  const { issuer } = identity.claims
  const certificate = { kind: 'certificate', identity: identity.name.value } as const
  return [{ ...certificate, ...(issuer !== undefined && { issuer }) }, ...entries]
}

interface MadeBundle {
  readonly evidence: Evidence
  /** Of its subjects. */
  readonly names: readonly string[]
}

/** The bundles that the run made itself: the subjects of a statement share one evidence. */
function madeBundles(subjects: readonly SubjectOutcome[]): readonly MadeBundle[] {
  const names = new Map<Evidence, string[]>()
  for (const { evidence, kept, name } of subjects) {
    if (evidence === undefined || kept === true) continue
    const known = names.get(evidence)
    if (known === undefined) names.set(evidence, [name])
    else known.push(name)
  }
  return [...names].map(([evidence, of]) => ({ evidence, names: of }))
}

function recipesOf({ runner }: World, { subjects, trust }: SignOutcome): string {
  const good = subjects.filter(({ evidence, digest }) => evidence !== undefined && digest !== undefined)
  const first = good.find(({ path }) => path !== undefined) ?? good[0]
  const workspace = runner.env('GITHUB_WORKSPACE')
  if (first === undefined || trust === undefined || workspace === undefined) return ''
  const uses = verifyUses(runner.env('GITHUB_ACTION_REPOSITORY'), runner.env('GITHUB_ACTION_REF'))
  return encodeRecipes(first, { workspace, uses, count: subjects.length, trust })
}

function outputsOf({ runner }: World, outcome: SignOutcome): Record<string, string> {
  const { subjects, identity, result } = outcome
  const signed = result === 'signed' ? subjects : []
  const paths = [...new Set(signed.flatMap(({ bundlePath }) => bundlePath ?? []))]
  return {
    'bundle-path': onePlace(paths, runner.platform),
    'bundle-paths': paths.join('\n'),
    'subject-count': String(subjects.length),
    'certificate-identity': identity?.name.value ?? '',
    'certificate-oidc-issuer': identity?.claims.issuer ?? '',
    'log-url': logUrl(outcome),
    'release-url': outcome.release?.url ?? '',
    ...artifactOutputs(outcome),
    ...attestationOutputs(outcome),
  }
}

function artifactOutputs({ published }: SignOutcome): Record<string, string> {
  const made = published?.find((one) => one.kind === 'artifact')
  return {
    'artifact-id': made?.id ?? '',
    'artifact-url': made?.url ?? '',
    'artifact-name': made?.name ?? '',
  }
}

/** One a line, in the order of the bundles; those that were stored before have none that is known. */
function attestationOutputs({ published = [] }: SignOutcome): Record<string, string> {
  const stored = published.filter((one) => one.kind === 'attestation')
  return {
    'attestation-id': stored.flatMap(({ id }) => id ?? []).join('\n'),
    'attestation-url': stored.flatMap(({ url }) => url ?? []).join('\n'),
  }
}

/** The one file, or the one folder that holds them all; '' if they lie in several. */
function onePlace(paths: readonly string[], platform: World['runner']['platform']): string {
  const [first] = paths
  if (first === undefined || paths.length === 1) return first ?? ''
  const separator = platform === 'win32' ? '\\' : '/'
  const folder = (path: string): string => path.slice(0, path.lastIndexOf(separator))
  return paths.every((path) => folder(path) === folder(first)) ? folder(first) : ''
}

/** The entry's page, when exactly one was made on Rekor v1: there the log itself answers by index. */
function logUrl({ subjects }: SignOutcome): string {
  const made = madeBundles(subjects).flatMap(({ evidence }) => evidence.entries)
  const [only] = made
  if (only === undefined || made.length !== 1 || only.version !== '0.0.1') return ''
  if (only.log === 'https://rekor.sigstore.dev') return `https://search.sigstore.dev/?logIndex=${only.index}`
  return `${only.log.replace(/\/$/, '')}/api/v1/log/entries?logIndex=${only.index}`
}
