import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Measure, type Row, show } from './measure.ts'

const BAR = 1.5e6
const GOAL = 1e6

/**
 * What an action loads: its own file, and every file of `dist/` that this one requires. What uploads artifacts is a program
 * of its own, which sign starts in a thread only when `upload-artifact` is given: it has a row of its own and no bar.
 */
function loadedBy(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  const text = readFileSync(join('dist', entry), 'utf8')
  for (const [, name = ''] of text.matchAll(/(?:require|import)\(\s*["']\.\/([\w.-]+\.js)["']\s*\)/g))
    loadedBy(name, seen)
  return seen
}

function sizeOf(entry: string): Row {
  const files = [...loadedBy(entry)]
  const bytes = files.reduce((sum, file) => sum + statSync(join('dist', file)).size, 0)
  return {
    what: `dist/${entry}, with all it may load`,
    found: `${show(bytes / 1000)} kB in ${files.length} file${files.length === 1 ? '' : 's'}`,
    bar: 'at most 1,500 kB',
    met: bytes <= BAR,
    goal: 'at most 1,000 kB',
    goalMet: bytes <= GOAL,
    numbers: { bytes, files: files.length },
  }
}

function uploaderRow(): Row {
  const { size } = statSync(join('dist', 'artifact.js'))
  return {
    what: 'dist/artifact.js, with `upload-artifact` alone',
    found: `${show(size / 1000)} kB`,
    bar: '',
    numbers: { bytes: size },
  }
}

export const sizes: Measure = {
  name: 'sizes',
  title: 'What the runner has to load',
  how: 'The file of the action and every file of `dist/` that it names.',
  run: async () => [sizeOf('sign.js'), sizeOf('verify.js'), uploaderRow()],
}
