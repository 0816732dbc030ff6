/**
 * The toolkit's own artifact client, as `actions/upload-artifact` and `actions/download-artifact` use it, in a process of
 * its own: it reads the environment and prints a lot. `node toolkit.ts upload|list|download|delete …`; the result is the
 * last line, as JSON.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DefaultArtifactClient } from '@actions/artifact'
import type { Variables } from './program.ts'

const client = new DefaultArtifactClient()

const COMMANDS: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  upload: (name = '', folder = '', ...files) => client.uploadArtifact(name, files, folder, {}),
  list: async () => (await client.listArtifacts({ latest: true })).artifacts,
  download: async (name = '', path = '') => {
    const { artifact } = await client.getArtifact(name)
    return client.downloadArtifact(artifact.id, {
      path,
      ...(artifact.digest !== undefined && { expectedHash: artifact.digest }),
    })
  },
  delete: (name = '') => client.deleteArtifact(name),
}

/** Runs one command of it in a job's environment. */
export async function toolkit<T>(env: Variables, command: string, ...args: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, command, ...args], {
    env,
    timeout: 30_000,
  })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

if (import.meta.main) {
  const [command = '', ...args] = process.argv.slice(2)
  const result = await COMMANDS[command]?.(...args)
  console.log(`\n${JSON.stringify(result)}`)
}
