import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'
import { SIGN_INPUTS, VERIFY_INPUTS } from '../src/actions/inputs/known-inputs.ts'
import { SIGN_OUTPUTS, VERIFY_OUTPUTS } from '../src/actions/inputs/known-outputs.ts'
import { parseSignInputs } from '../src/actions/inputs/sign-inputs.ts'
import { parseVerifyInputs } from '../src/actions/inputs/verify-inputs.ts'

type Yaml = string | { readonly [key: string]: Yaml }

/** Just enough YAML for our own two files: nested maps, plain and quoted scalars without escapes, `>-` blocks. */
function parseYaml(text: string): { readonly [key: string]: Yaml } {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  let at = 0
  const indentOf = (line = '') => line.length - line.trimStart().length

  const folded = (indent: number): string => {
    const parts: string[] = []
    while (at < lines.length && indentOf(lines[at]) > indent) parts.push((lines[at++] ?? '').trim())
    return parts.join(' ')
  }
  const scalar = (text: string): string => {
    const [, quoted] = /^(["'])([^"'\\]*)\1$/.exec(text)?.slice(1) ?? []
    if (quoted !== undefined) return quoted
    assert.doesNotMatch(text, /^["'&*!|>%@`{[#-]|: | #/, `not a plain scalar: ${text}`)
    return text
  }
  const map = (indent: number): { [key: string]: Yaml } => {
    const entries: { [key: string]: Yaml } = {}
    while (at < lines.length && indentOf(lines[at]) === indent) {
      const [, key = '', rest = ''] = /^ *([a-z-]+):(?: (.*))?$/.exec(lines[at++] ?? '') ?? []
      assert.ok(key !== '' && !(key in entries), `line ${lines[at - 1]}`)
      if (rest === '>-') entries[key] = folded(indent)
      else if (rest !== '') entries[key] = scalar(rest)
      else entries[key] = map(indent + 2)
    }
    return entries
  }
  const value = map(0)
  assert.equal(at, lines.length, `cannot read: ${lines[at]}`)
  return value
}

function section(yaml: Yaml | undefined, name: string): { readonly [key: string]: Yaml } {
  assert.ok(typeof yaml === 'object')
  const value = yaml[name]
  assert.ok(typeof value === 'object', `no ${name}`)
  return value
}

/** The names that a parser asks for, whatever it makes of them. */
function namesRead(
  parse: (given: ReadonlyMap<string, string>) => unknown,
  given: Record<string, string>,
): string[] {
  const read = new Set<string>()
  const map = new Map(Object.entries(given))
  const get = map.get.bind(map)
  map.get = (name) => {
    read.add(name)
    return get(name)
  }
  parse(map)
  return [...read].sort()
}

const ACTIONS = [
  {
    file: 'action.yml',
    main: 'dist/sign.js',
    source: 'src/main/sign.ts',
    inputs: SIGN_INPUTS,
    outputs: SIGN_OUTPUTS,
    read: namesRead(parseSignInputs, { 'subject-path': 'a' }),
  },
  {
    file: 'verify/action.yml',
    main: 'dist/verify.js',
    source: 'src/main/verify.ts',
    inputs: VERIFY_INPUTS,
    outputs: VERIFY_OUTPUTS,
    read: namesRead(parseVerifyInputs, { 'subject-path': 'a' }),
  },
]

/** Of Feather 4.28, those that say what we do. */
const ICONS = ['lock', 'shield', 'check-circle', 'check', 'eye', 'link']
const COLORS = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']

/** Defaults that the runner makes a value of: a run without a runner has none. */
const FILLED_IN: Readonly<Record<string, string>> = {
  'github-token': `\${{ github.token }}`,
  'job-total': `\${{ strategy.job-total }}`,
}

for (const { file, main, inputs, outputs, read } of ACTIONS) {
  const yaml = parseYaml(readFileSync(file, 'utf8'))

  test(`${file} declares exactly the inputs that the code reads, with its defaults`, () => {
    const declared = section(yaml, 'inputs')
    assert.deepEqual(Object.keys(declared).sort(), read)
    assert.deepEqual(Object.keys(declared).sort(), Object.keys(inputs).sort())
    for (const [name, fallback] of Object.entries(inputs)) {
      const { description, default: value, ...rest } = section(declared, name)
      assert.equal(value, FILLED_IN[name] ?? fallback, `default of ${name}`)
      assert.ok(typeof description === 'string' && description.length > 20, `description of ${name}`)
      assert.deepEqual(rest, {})
    }
  })

  test(`${file} declares exactly the outputs that the code writes`, () => {
    const declared = section(yaml, 'outputs')
    assert.deepEqual(Object.keys(declared).sort(), [...outputs].sort())
    for (const name of outputs) {
      const { description, ...rest } = section(declared, name)
      assert.ok(typeof description === 'string' && description.length > 10, `description of ${name}`)
      assert.deepEqual(rest, {}, 'the runner loads no output with another key')
    }
  })

  test(`${file} runs ${main} on Node 24`, () => {
    const { using, main: path, ...rest } = section(yaml, 'runs')
    assert.equal(using, 'node24')
    assert.ok(typeof path === 'string')
    assert.equal(normalize(join(dirname(file), path)), normalize(main))
    assert.deepEqual(rest, {})
  })

  test(`${file} can be listed`, () => {
    const { icon, color, ...rest } = section(yaml, 'branding')
    assert.ok(typeof icon === 'string' && ICONS.includes(icon))
    assert.ok(typeof color === 'string' && COLORS.includes(color))
    assert.deepEqual(rest, {})
    const { name, description } = yaml
    assert.ok(typeof name === 'string' && name !== '')
    assert.ok(typeof description === 'string' && description.length <= 125)
  })
}

test('each action has one entry of its own', (t) => {
  const missing = ACTIONS.filter(({ source }) => !existsSync(source))
  if (missing.length === ACTIONS.length) return t.skip('NO ENTRY EXISTS YET: src/main is empty')
  assert.deepEqual(missing, [])
})
