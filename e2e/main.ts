/**
 * `npm run e2e`: starts the real Sigstore on loopback, lets strangers' tools judge what our built actions sign and our
 * verifier what theirs do, and provokes failures. Ends with 0 only if something was tried and all of it passed.
 */

import { rmSync } from 'node:fs'
import { actionsIn } from './action.ts'
import { buildTools, MissingTool, type Tools } from './build.ts'
import { compareServers } from './compare.ts'
import { buildActions } from './dist.ts'
import { provokeFailures } from './failures.ts'
import { exitOnSignals, isIsolated, runIsolated } from './isolation.ts'
import { createJudges, recipeShell } from './judges.ts'
import { judgeBatch, judgeOurs } from './ours.ts'
import { rideOut } from './recoveries.ts'
import { createRunner } from './runner.ts'
import { createSigners } from './signers.ts'
import { type Stack, startStack } from './stack.ts'
import { createTally, formatTable, ofN, type Tally, type Trial } from './tally.ts'
import { judgeTheirs } from './theirs.ts'
import { createTrustFiles } from './trust.ts'
import { runWorkflows } from './workflows.ts'

const say = (line: string): void => console.log(line)
const began = Date.now()

interface Part {
  readonly title: string
  readonly run: (tally: Tally) => Promise<void>
}

async function runParts(tools: Tools, stack: Stack): Promise<readonly Trial[]> {
  const dist = await buildActions(stack.folder, say)
  const runAction = actionsIn(dist)
  const trust = await createTrustFiles(tools.programs.cosign, stack)
  const { folder, issuer } = stack
  const shell = recipeShell(tools, folder)
  const judges = createJudges(tools, folder, shell, runAction)
  const signers = createSigners(tools)
  const parts: readonly Part[] = [
    {
      title: "our bundles, by the recipe that the summary prints, before everybody's judges",
      run: async (tally) => {
        const court = { folder, issuer, trust, judges, shell, runAction, tally }
        for (const log of trust.logs) {
          await judgeOurs(court, log)
          await judgeBatch(court, log)
        }
      },
    },
    {
      title: "everybody's bundles before our verifier",
      run: async (tally) => {
        for (const log of trust.logs)
          await judgeTheirs({ stack, issuer, trust, runAction, tally }, log, signers)
      },
    },
    {
      title: 'our actions in workflows, run by act',
      run: async (tally) => {
        const runner = createRunner(tools.programs.act, dist, folder)
        const logs = trust.logs.filter(({ hasAuthority }) => hasAuthority)
        await Promise.all(logs.map((log) => runWorkflows({ runner, issuer, trust, tally }, log)))
      },
    },
    {
      title: 'the sandbox and the real servers before one table',
      run: (tally) => compareServers(stack, tally, say),
    },
    {
      title: 'failures',
      run: async (tally) => {
        const trouble = { stack, trust, runAction, tally }
        await rideOut(trouble)
        await provokeFailures(trouble)
      },
    },
  ]
  const all: Trial[] = []
  for (const { title, run } of parts) {
    const tally = createTally(say)
    await run(tally)
    say(`\n${title}\n\n${formatTable(tally.trials())}\n\n${ofN(tally.trials())}\n`)
    all.push(...tally.trials())
  }
  return all
}

async function main(): Promise<boolean> {
  exitOnSignals()
  const isolated = isIsolated()
  const tools = await buildTools(say)
  if (!isolated) {
    const code = await runIsolated(import.meta.filename)
    if (code !== undefined) return code === 0
    say('no namespaces of its own on this system: the run shares its ports and network')
  }
  return judgeAll(tools)
}

async function judgeAll(tools: Tools): Promise<boolean> {
  await using stack = await startStack(tools.programs)
  say(`the servers were ready in ${stack.startedIn} ms; their logs are in ${stack.folder}`)
  try {
    const trials = await runParts(tools, stack)
    const failed = trials.filter(({ passed }) => !passed).length
    const good = failed === 0 && trials.length > 0
    if (!good) say(stack.logs())
    say(`${Math.round((Date.now() - began) / 1000)} s`)
    say(`${trials.length - failed} passed, ${failed} failed`)
    if (good) rmSync(stack.folder, { recursive: true, force: true })
    return good
  } catch (error) {
    say(stack.logs())
    throw error
  }
}

process.exitCode = 1
try {
  if (await main()) process.exitCode = 0
} catch (error) {
  console.error(error instanceof MissingTool ? error.message : error)
}
