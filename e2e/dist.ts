import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { succeed } from './command.ts'

const PROJECT = join(import.meta.dirname, '..')

/** `dist/` is not what `src/` builds: whatever was judged would be something else than what is shipped, or than what is read. */
export class StaleDist extends Error {}

/**
 * Copies `dist/` below `folder`, so that nobody can change the actions during the run. Throws StaleDist, with the names, if
 * it is not file by file what `src/` builds.
 */
export async function copyActions(folder: string): Promise<string> {
  const built = join(folder, 'built')
  const copy = join(folder, 'dist')
  await succeed({ file: process.execPath, args: ['scripts/build.ts', built], cwd: PROJECT })
  cpSync(join(PROJECT, 'dist'), copy, { recursive: true })
  const wrong = differences(copy, built)
  if (wrong.length === 0) return copy
  throw new StaleDist(
    `dist/ is not what src/ builds: ${wrong.join(', ')}. Run \`npm run build\`, then this again: only the dist/ that is shipped is judged.`,
  )
}

/** What is wrong with `own`, file by file. */
function differences(own: string, built: string): readonly string[] {
  const [there, wanted] = [readFolder(own), readFolder(built)]
  return [...new Set([...there.keys(), ...wanted.keys()])].sort().flatMap((name) => {
    const [left, right] = [there.get(name), wanted.get(name)]
    if (left === undefined) return [`${name} is missing`]
    if (right === undefined) return [`${name} is not built any more`]
    return left.equals(right) ? [] : [`${name} differs`]
  })
}

const readFolder = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  )
