import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type Property, startTally, type Tally } from './property.ts'

const read = (file: string): string => readFileSync(file, 'utf8').replaceAll('\r\n', '\n')

/** As GitHub makes anchors of headings. */
const anchorsOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

function checkLinks(file: string, tally: Tally): void {
  for (const [, target = ''] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue
    const [path = '', anchor] = target.split('#')
    const linked = path === '' ? file : normalize(join(dirname(file), path))
    const there = existsSync(linked) && (anchor === undefined || anchorsOf(read(linked)).includes(anchor))
    tally.check(there, `${file} links to ${target}`)
  }
}

/** Every promise of the threat model names the test files that hold it, and every command of the README exists. */
function checkPromises(tally: Tally): void {
  const invariants = read('docs/threat-model.md').split('\n## Invariants\n')[1]?.split('\n## ')[0] ?? ''
  for (const promise of invariants.split(/^- /m).slice(1)) {
    const tests = [...promise.matchAll(/`(__tests__\/[^`]+)`/g)].map(([, name = '']) => name)
    const missing = tests.filter((name) => !existsSync(name))
    const fault = tests.length === 0 ? 'names no test' : `has no ${missing.join(', ')}`
    tally.check(tests.length > 0 && missing.length === 0, `"${promise.trim().slice(0, 60)}…" ${fault}`)
  }
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
  for (const [, name = ''] of read('README.md').matchAll(/`npm run ([\w-]+)/g))
    tally.check(name in scripts, `npm run ${name}`)
}

export const property: Property = {
  number: 25,
  title: 'Documentation tells the truth',
  measure: () => {
    const tally = startTally()
    for (const file of ['README.md', 'SECURITY.md', ...globSync('docs/*.md')]) checkLinks(file, tally)
    checkPromises(tally)
    return tally.result(
      'links, commands, and promises of the threat model with the test files that they name',
    )
  },
}
