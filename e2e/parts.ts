/** The parts of a run, in their order, each of which can be asked for by its name. */
import { join } from 'node:path'
import type { RunAction } from './action.ts'
import { ATTESTED_EACH, judgeAttestations } from './attestations.ts'
import type { Tools } from './build.ts'
import { compareServers } from './compare.ts'
import { provokeFailures } from './failures.ts'
import { judgeGitHubRecipe } from './github-recipe.ts'
import type { Judge, Shells } from './judges.ts'
import { type Court, judgeBatch, judgeOurs, SIGNATURES } from './ours.ts'
import { runPublishing } from './publishing.ts'
import { rideOut } from './recoveries.ts'
import { createRunner } from './runner.ts'
import type { WorkflowCourt } from './scenario.ts'
import { createSigners } from './signers.ts'
import type { Stack } from './stack.ts'
import type { Tally } from './tally.ts'
import { judgeTheirs } from './theirs.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import type { WarmPython } from './warm-python.ts'
import { runWorkflows } from './workflows.ts'

/** What all parts work with. */
export interface Ground {
  readonly tools: Tools
  readonly stack: Stack
  /** Has sigstore-python loaded already. */
  readonly python: WarmPython
  readonly trust: TrustFiles
  /** Folder of the built actions. */
  readonly dist: string
  readonly runAction: RunAction
  readonly shells: Shells
  readonly judges: readonly Judge[]
  readonly say: (line: string) => void
}

export interface Part {
  readonly name: string
  readonly title: string
  readonly run: (ground: Ground, tally: Tally) => Promise<void>
}

/** The last ones stop servers for good. */
const PARTS: readonly Part[] = [
  {
    name: 'ours',
    title: "our bundles, by the recipe that the summary prints, before everybody's judges",
    run: async (ground, tally) => {
      const court = courtOf(ground, tally)
      for (const log of ground.trust.logs) {
        await judgeOurs(court, log)
        await judgeBatch(court, log, SIGNATURES)
      }
    },
  },
  {
    name: 'attestations',
    title: "our attestations, by the recipe that the summary prints, before everybody's judges",
    run: async (ground, tally) => {
      const court = courtOf(ground, tally)
      for (const log of ground.trust.logs) {
        await judgeAttestations(court, log)
        await judgeBatch(court, log, ATTESTED_EACH)
      }
    },
  },
  {
    name: 'github-recipe',
    title: "the recipe with GitHub's issuer, of bundles made in the sandbox, before everybody's judges",
    run: ({ judges, runAction }, tally) => judgeGitHubRecipe({ judges, runAction, tally }),
  },
  {
    name: 'theirs',
    title: "everybody's bundles before our verifier",
    run: async ({ tools, python, stack, trust, runAction }, tally) => {
      const docket = { stack, issuer: stack.issuer, trust, runAction, tally }
      const signers = createSigners({ ...tools, python: join(python.bin, 'python') })
      for (const log of trust.logs) await judgeTheirs(docket, log, signers)
    },
  },
  {
    name: 'workflows',
    title: 'our actions in workflows, run by act',
    run: async (ground, tally) => {
      const court = workflowCourt(ground, tally)
      await Promise.all(logsWithTime(ground).map((log) => runWorkflows(court, log)))
    },
  },
  {
    name: 'publishing',
    title: 'releases, attestations and artifacts in workflows, run by act',
    run: (ground, tally) => runPublishing(workflowCourt(ground, tally), logsWithTime(ground)),
  },
  {
    name: 'contract',
    title: 'the sandbox and the real servers before one table',
    run: compareServers,
  },
  {
    name: 'failures',
    title: 'failures',
    run: async ({ stack, trust, runAction }, tally) => {
      const trouble = { stack, trust, runAction, tally }
      await rideOut(trouble)
      await provokeFailures(trouble)
    },
  },
]

const courtOf = ({ stack, trust, judges, shells, runAction }: Ground, tally: Tally): Court => ({
  folder: stack.folder,
  issuer: stack.issuer,
  trust,
  judges,
  shells,
  runAction,
  tally,
})

const workflowCourt = ({ tools, stack, trust, dist }: Ground, tally: Tally): WorkflowCourt => ({
  folder: stack.folder,
  runner: createRunner(tools.programs.act, dist, stack.folder),
  issuer: stack.issuer,
  trust,
  tally,
})

/** A workflow does not care where the time of its signatures comes from. */
const logsWithTime = ({ trust }: Ground): readonly LogChoice[] =>
  trust.logs.filter(({ hasAuthority }) => hasAuthority)

/** Somebody asked for a part that there is not. The message says which there are. */
export class UnknownPart extends Error {}

/** All without a name. Throws UnknownPart. */
export function findParts(names: readonly string[]): readonly Part[] {
  const known = PARTS.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new UnknownPart(`no part is called ${unknown.join()}; there are ${known.join(', ')}`)
  return names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name))
}
