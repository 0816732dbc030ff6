/**
 * `npm run e2e`: starts the real Sigstore on loopback, lets strangers' tools judge what our built actions sign and our
 * verifier what theirs do, and provokes failures. Ends with 0 only if something was tried and all of it passed.
 * `npm run e2e -- ours workflows` does only these parts.
 */

import { rmSync } from 'node:fs'
import { actionsIn } from './action.ts'
import { buildTools, MissingTool, type Tools } from './build.ts'
import { copyActions, StaleDist } from './dist.ts'
import { isIsolated, MARK, runIsolated } from './isolation.ts'
import { createJudges, createShells } from './judges.ts'
import { exitWithParent } from './lifetime.ts'
import { findParts, type Ground, type Part, UnknownPart } from './parts.ts'
import { type Stack, startStack } from './stack.ts'
import { createTally, formatTable, ofN, type Trial } from './tally.ts'
import { createTrustFiles } from './trust.ts'
import { startWarmPython, type WarmPython } from './warm-python.ts'

const say = (line: string): void => console.log(line)
const began = Date.now()

async function prepareGround(tools: Tools, stack: Stack, python: WarmPython): Promise<Ground> {
  const dist = await copyActions(stack.folder)
  say('the actions are those in dist/, which is what src/ builds')
  const runAction = actionsIn(dist)
  const trust = await createTrustFiles(tools.programs.cosign, stack)
  const shells = createShells(tools, python, stack.folder)
  const judges = createJudges(tools, stack.folder, shells.warm, runAction)
  return { tools, stack, python, trust, dist, runAction, shells, judges, say }
}

async function runParts(ground: Ground, parts: readonly Part[]): Promise<readonly Trial[]> {
  const all: Trial[] = []
  for (const { title, run } of parts) {
    const started = Date.now()
    const tally = createTally(say)
    await run(ground, tally)
    const seconds = Math.round((Date.now() - started) / 1000)
    say(`\n${title}\n\n${formatTable(tally.trials())}\n\n${ofN(tally.trials())} in ${seconds} s\n`)
    all.push(...tally.trials())
  }
  return all
}

async function main(): Promise<boolean> {
  exitWithParent()
  const names = process.argv.slice(2).filter((word) => word !== MARK)
  const parts = findParts(names)
  const isolated = isIsolated()
  const tools = await buildTools(say)
  if (!isolated) {
    const code = await runIsolated(import.meta.filename, names)
    if (code !== undefined) return code === 0
    say('no namespaces of its own on this system: the run shares its ports and network')
  }
  return judgeAll(tools, parts)
}

async function judgeAll(tools: Tools, parts: readonly Part[]): Promise<boolean> {
  await using stack = await startStack(tools.programs)
  await using python = await startWarmPython(tools.python, stack.folder)
  say(`the servers were ready in ${stack.startedIn} ms; their logs are in ${stack.folder}`)
  try {
    const trials = await runParts(await prepareGround(tools, stack, python), parts)
    const failed = trials.filter(({ passed }) => !passed).length
    const good = failed === 0 && trials.length > 0
    if (!good) say(stack.logs())
    say(`${Math.round((Date.now() - began) / 1000)} s`)
    say(`${trials.length - failed} passed, ${failed} failed`)
    if (good) rmSync(stack.folder, { recursive: true, force: true })
    return good
  } catch (error) {
    if (error instanceof StaleDist) rmSync(stack.folder, { recursive: true, force: true })
    else say(stack.logs())
    throw error
  }
}

process.exitCode = 1
try {
  if (await main()) process.exitCode = 0
} catch (error) {
  const isPlain = [MissingTool, UnknownPart, StaleDist].some((known) => error instanceof known)
  console.error(isPlain && error instanceof Error ? error.message : error)
}
