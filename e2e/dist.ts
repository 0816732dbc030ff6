import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { succeed } from './command.ts'

const PROJECT = join(import.meta.dirname, '..')

/**
 * Builds the actions below `folder`, so that nobody can change them during the run, and says so if `dist/` is not the
 * same bytes. `dist/` itself is never touched.
 */
export async function buildActions(folder: string, say: (line: string) => void): Promise<string> {
  const fresh = join(folder, 'dist')
  await succeed({ file: process.execPath, args: ['scripts/build.ts', fresh], cwd: PROJECT })
  const own = join(PROJECT, 'dist')
  const isCurrent = readdirSync(fresh).every((name) => sameFile(join(own, name), join(fresh, name)))
  say(isCurrent ? 'the actions are those in dist/' : 'dist/ is stale: this run judges what src/ builds now')
  return fresh
}

function sameFile(left: string, right: string): boolean {
  try {
    return readFileSync(left).equals(readFileSync(right))
  } catch {
    return false
  }
}
