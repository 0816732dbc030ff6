import assert from 'node:assert/strict'
import { validateAnswer } from '../../sandbox/github/openapi.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import type { WebAnswer } from '../../sandbox/web.ts'

/** The hosts that keep files are no API. */
const UNDESCRIBED = /^GET \/attestations\//

/** A sandbox whose GitHub gives no answer that GitHub's own description does not describe: else `close` rejects. */
export async function startValidated(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  const faults = new Set<string>()
  sandbox.github.watch = (route, answer) => {
    if (UNDESCRIBED.test(route)) return
    try {
      validateAnswer(route, describable(answer))
    } catch (error) {
      faults.add(String(error))
    }
  }
  return {
    ...sandbox,
    close: async () => {
      await sandbox.close()
      assert.deepEqual([...faults], [])
    },
  }
}

/** Where GitHub itself does not do as it describes: bundles in a list are null since July 2026, which is described nowhere. */
function describable(answer: WebAnswer): WebAnswer {
  if (typeof answer.body !== 'string') return answer
  return { ...answer, body: answer.body.replaceAll('"bundle":null,', '') }
}
