import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const README = readFileSync('README.md', 'utf8').replaceAll('\r\n', '\n')

/** The text under a heading, up to the next one of any level. */
function sectionOf(heading: string): string {
  const at = README.indexOf(`\n${heading}\n`)
  assert.ok(at >= 0, `the README has no heading ${heading}`)
  const rest = README.slice(at + heading.length + 2)
  const end = rest.search(/^#/m)
  return end < 0 ? rest : rest.slice(0, end)
}

/** Cells of the rows whose first cell is a name in back-ticks. */
const rowsOf = (heading: string): string[][] =>
  sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

/** What `inputs:` or `outputs:` declares, with its default; as the two files are written, two spaces a level. */
function declared(file: string, section: 'inputs' | 'outputs'): [name: string, fallback: string][] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  const start = lines.indexOf(`${section}:`)
  assert.ok(start >= 0, `${file} has no ${section}`)
  const found: [string, string][] = []
  for (const line of lines.slice(start + 1)) {
    if (/^\S/.test(line)) break
    const name = /^ {2}([a-z-]+):$/.exec(line)?.[1]
    const fallback = /^ {4}default: (.*)$/.exec(line)?.[1]
    const last = found.at(-1)
    if (name !== undefined) found.push([name, ''])
    else if (fallback !== undefined && last !== undefined) last[1] = fallback.replace(/^(['"])(.*)\1$/, '$2')
  }
  assert.ok(found.length > 0)
  return found
}

const actions = { sign: 'action.yml', verify: 'verify/action.yml' }

for (const [action, file] of Object.entries(actions)) {
  test(`the README has every input of ${file} with its default, in its order, and no other`, () => {
    const rows = rowsOf(`### Inputs of ${action}`)
    assert.deepEqual(
      rows.map(([name, fallback]) => [bare(name), bare(fallback)]),
      declared(file, 'inputs'),
    )
  })

  test(`the README has every output of ${file}, in its order, and no other`, () => {
    assert.deepEqual(
      rowsOf(`### Outputs of ${action}`).map(([name]) => bare(name)),
      declared(file, 'outputs').map(([name]) => name),
    )
  })
}

test('every row of a table says something', () => {
  for (const action of Object.keys(actions)) {
    for (const row of rowsOf(`### Inputs of ${action}`)) assert.ok((row[2] ?? '').length > 20, row[0])
    for (const row of rowsOf(`### Outputs of ${action}`)) assert.ok((row[1] ?? '').length > 10, row[0])
  }
})

test('the first screen says what it is, shows the permissions, and gives the two commands', () => {
  const screen = README.split('\n').slice(0, 45).join('\n')
  for (const text of [
    'signs what a workflow built',
    'id-token: write',
    'subject-path:',
    'npm ci && npm start',
    'npm cit',
  ])
    assert.ok(screen.includes(text), text)
})

test('every npm script that the README names exists', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'))
  const named = [...README.matchAll(/npm run ([a-z0-9-]+)/g)].map(([, name = '']) => name)
  assert.ok(named.length > 3)
  assert.deepEqual(
    named.filter((name) => scripts[name] === undefined),
    [],
  )
})

for (const doc of ['README.md', 'SECURITY.md', 'docs/threat-model.md', 'docs/decisions.md']) {
  test(`every file that ${doc} links or names as a test is there`, () => {
    const text = readFileSync(doc, 'utf8')
    const folder = doc.includes('/') ? 'docs/' : ''
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
      ([, path = '']) => folder + path,
    )
    const tests = [...text.matchAll(/`(__tests__\/[^`*]+)`/g)].map(([, path = '']) => path)
    assert.deepEqual(
      [...links, ...tests].filter((path) => !existsSync(path)),
      [],
    )
  })
}
