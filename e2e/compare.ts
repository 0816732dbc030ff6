/** The sandbox and the real servers before one table. */
import { join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { type Finding, holdContract, STRICTER } from './contract/contract.ts'
import { sandboxTarget, stackTarget } from './contract/targets.ts'
import type { Ground } from './parts.ts'
import { serveFolder } from './storage.ts'
import type { Tally } from './tally.ts'
import { readTrustedRoot } from './trust.ts'

type Compared = Pick<Ground, 'stack' | 'trust' | 'say'>

/** Adds a trial for each answer of each; tells where the real servers, as they run here, may answer otherwise. */
export async function compareServers({ stack, trust, say }: Compared, tally: Tally): Promise<void> {
  const sandbox = await startSandbox({ checkpointInterval: 100 })
  const storage = await serveFolder(join(stack.folder, 'rekor-v2'))
  try {
    const files = { readUrl: storage.url, trustedRoot: readTrustedRoot(trust.trustedRoot) }
    const real = await holdContract(stackTarget(stack, stack.issuer.addJob({}), files))
    addTrials(tally, 'real', real)
    addTrials(tally, 'sandbox', await holdContract(sandboxTarget(sandbox)))
    for (const { service, name, limit } of real) {
      if (limit !== undefined) say(`not compared: ${service}, ${name}: ${limit}`)
    }
    for (const name of STRICTER) say(`the sandbox is stricter: ${name}`)
  } finally {
    await storage.close()
    await sandbox.close()
  }
}

/** What our own code answered in a real server's place is no answer of theirs, and has a column of its own. */
function addTrials(tally: Tally, target: 'real' | 'sandbox', findings: readonly Finding[]): void {
  for (const { service, name, fault, standIn } of findings) {
    const log = standIn && target === 'real' ? 'ours in its place' : target
    tally.add({
      client: service,
      log,
      content: 'answers as the table says',
      name,
      passed: fault === undefined,
      detail: fault ?? '',
    })
  }
}
