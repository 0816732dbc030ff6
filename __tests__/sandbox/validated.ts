import assert from 'node:assert/strict'
import type { GitHubServer } from '../../sandbox/github/github.ts'
import { validateAnswer } from '../../sandbox/github/openapi.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import type { WebAnswer } from '../../sandbox/web.ts'

/** What GitHub's description of its API does not cover: storage is no API, and GraphQL has a description of its own. */
const UNDESCRIBED = ['GET /assets/{asset_id}', 'GET /attestations/{file}', 'POST /graphql']

/** Holds each answer of a sandbox's GitHub against GitHub's own description. What is not as described is added to the list. */
export function holdAgainstDescription(server: GitHubServer): readonly string[] {
  const faults: string[] = []
  server.watch = (route, answer) => {
    if (UNDESCRIBED.includes(route)) return
    try {
      validateAnswer(route, describable(answer))
    } catch (error) {
      faults.push(String(error))
    }
  }
  return faults
}

/**
 * Where GitHub itself does not do as it describes: bundles in a list are null since July 2026, and the state `starter` of
 * an asset is described in words only (docs: "Upload a release asset").
 */
function describable(answer: WebAnswer): WebAnswer {
  if (typeof answer.body !== 'string') return answer
  const body = answer.body.replaceAll('"bundle":null,', '').replaceAll('"state":"starter"', '"state":"open"')
  return { ...answer, body }
}

/** A sandbox whose GitHub gives no answer that GitHub's own description does not describe: else `close` rejects. */
export async function startValidated(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  const faults = holdAgainstDescription(sandbox.github)
  return {
    ...sandbox,
    close: async () => {
      await sandbox.close()
      assert.deepEqual([...new Set(faults)], [])
    },
  }
}
