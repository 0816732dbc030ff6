import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import type { Job } from '../sandbox/job.ts'
import type { ActionRun, RunAction } from './action.ts'
import type { Tools } from './build.ts'
import { run } from './command.ts'
import { privateEnvironment } from './processes.ts'
import type { Recipe } from './recipe.ts'
import type { WarmPython } from './warm-python.ts'
import { TRUSTED_ROOT } from './workspace.ts'

/** A file with a bundle of ours. */
export interface Exhibit {
  readonly job: Job
  /** Names in the workspace. */
  readonly file: string
  readonly bundle: string
  readonly recipe: Recipe
  readonly identity: string
  readonly issuer: string
}

export interface Verdict {
  readonly accepted: boolean
  /** All that was said about it. */
  readonly said: string
}

/** How somebody refuses for the right reason; any other refusal does not count as one. */
export interface Refusals {
  readonly file: RegExp
  /** An attestation about another file. Absent where the tool leaves it to its caller to compare them. */
  readonly subject?: RegExp
  /** An attestation that says something else than what was signed. */
  readonly statement: RegExp
  readonly signer: RegExp
  /** Absent where the tool has no option for the commit. */
  readonly commit?: RegExp
  /** Absent where the tool has no option for the type of an attestation. */
  readonly predicateType?: RegExp
}

export interface Judge {
  readonly name: string
  readonly judge: (exhibit: Exhibit) => Promise<Verdict>
  readonly refusals: Refusals
  /** Whether it can be asked about many files at once. */
  readonly takesMany: boolean
  /** Whether it is asked by the recipe, or told file, bundle and identity. */
  readonly byRecipe: boolean
}

/** sigstore-go, and cosign with it, first look at what the log has: a leaf on Rekor v2, a hash of the payload on v1. */
const OTHER_STATEMENT = /verifying inclusion|does not match envelope payload hash|invalid signature/

/** Everybody who is asked about each bundle of ours: cosign, sigstore-python and our own action by the recipe we print. */
export function createJudges(
  tools: Tools,
  folder: string,
  shell: RecipeShell,
  runAction: RunAction,
): readonly Judge[] {
  const { versions } = tools
  return [
    {
      name: `cosign ${versions.cosign}`,
      takesMany: false,
      byRecipe: true,
      judge: ({ job, recipe }) => shell(job, recipe.cosign),
      refusals: {
        file: /invalid signature/,
        subject: /do not match digests in statement/,
        statement: OTHER_STATEMENT,
        signer: /expected SAN/,
        commit: /expected GithubWorkflowSHA/,
        predicateType: /invalid predicate type/,
      },
    },
    {
      name: `sigstore-go ${versions['sigstore-go']}`,
      takesMany: false,
      byRecipe: false,
      judge: (exhibit) => askSigstoreGo(tools.programs['sigstore-go'], exhibit, folder),
      refusals: {
        file: /invalid signature/,
        subject: /do not match digests in statement/,
        statement: OTHER_STATEMENT,
        signer: /expected SAN/,
      },
    },
    {
      name: `sigstore-python ${versions['sigstore-python']}`,
      takesMany: false,
      byRecipe: true,
      judge: ({ job, recipe }) => shell(job, recipe.python),
      refusals: {
        file: /digest mismatch/,
        subject: /has no subject for digest/,
        statement: /DSSE: invalid signature/,
        signer: /SANs do not match/,
      },
    },
    {
      name: `@sigstore/verify v${packageVersion('@sigstore/verify')}`,
      takesMany: false,
      byRecipe: false,
      judge: async (exhibit) => askSigstoreVerify(exhibit),
      refusals: {
        file: /signature verification failed/,
        statement: /digest mismatch|payload hash mismatch|signature verification failed/,
        signer: /certificate identity error/,
      },
    },
    {
      name: 'keyless verify',
      takesMany: true,
      byRecipe: true,
      judge: async ({ job, recipe }) => verdictOf(await runAction('verify', job, recipe.inputs)),
      refusals: {
        file: /SIG_DIGEST|SIG_INVALID/,
        subject: /SUBJECT_MISMATCH|BUNDLE_MISSING/,
        statement: /TLOG_MISMATCH|SIG_INVALID/,
        signer: /IDENTITY_MISMATCH/,
        commit: /IDENTITY_MISMATCH/,
        predicateType: /PREDICATE_TYPE/,
      },
    },
  ]
}

export const verdictOf = ({ code, outputs, log }: ActionRun): Verdict => ({
  accepted: code === 0 && outputs['verified'] === 'true',
  said: log,
})

export type RecipeShell = (job: Job, script: string) => Promise<Verdict>

/**
 * The same lines with a `python` that starts anew, as a person has it, and with one that is loaded: see warm-python.ts.
 * Both end with the first command that fails.
 */
export interface Shells {
  readonly fresh: RecipeShell
  readonly warm: RecipeShell
  /** As a person pastes them: goes on after a failure and ends as the last command does. Python is loaded. */
  readonly pasted: RecipeShell
}

/** Run lines of a recipe as a person would who has `cosign` and `python` on PATH, in the workspace. */
export function createShells({ programs, python }: Tools, warm: WarmPython, folder: string): Shells {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(programs.cosign, join(bin, 'cosign'))
  const own = privateEnvironment(join(folder, 'home'))
  const shell = (pythons: string, ...options: readonly string[]): RecipeShell => {
    const env = { ...own, PATH: [bin, pythons, own['PATH']].join(delimiter) }
    return async ({ workspace }, script) => {
      const { code, output } = await run({
        file: 'sh',
        args: [...options, '-c', script],
        cwd: workspace,
        env,
      })
      return { accepted: code === 0, said: output }
    }
  }
  return { fresh: shell(dirname(python), '-e'), warm: shell(warm.bin, '-e'), pasted: shell(warm.bin) }
}

async function askSigstoreGo(
  file: string,
  { job, file: artifact, bundle, identity, issuer }: Exhibit,
  folder: string,
): Promise<Verdict> {
  const args = [
    `-artifact=${artifact}`,
    `-expectedIssuer=${issuer}`,
    `-expectedSAN=${identity}`,
    `-trustedrootJSONpath=${TRUSTED_ROOT}`,
    bundle,
  ]
  const env = privateEnvironment(join(folder, 'home'))
  const { code, output } = await run({ file, args, cwd: job.workspace, env })
  return { accepted: code === 0, said: output }
}

function askSigstoreVerify({ job, file, bundle, identity, issuer }: Exhibit): Verdict {
  const read = (name: string): Buffer => readFileSync(join(job.workspace, name))
  const json = (name: string): unknown => JSON.parse(read(name).toString('utf8'))
  try {
    const root = toTrustMaterial(TrustedRoot.fromJSON(json(TRUSTED_ROOT)))
    const verifier = new Verifier(root, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 })
    const entity = toSignedEntity(bundleFromJSON(json(bundle)), read(file))
    const subjectAlternativeName = new RegExp(`^${identity.replace(/[^A-Za-z0-9/]/g, '\\$&')}$`)
    verifier.verify(entity, { subjectAlternativeName, extensions: { issuer } })
    return { accepted: true, said: '' }
  } catch (error) {
    return { accepted: false, said: String(error) }
  }
}

function packageVersion(name: string): string {
  const path = join(import.meta.dirname, '..', 'node_modules', name, 'package.json')
  return String(JSON.parse(readFileSync(path, 'utf8')).version)
}
