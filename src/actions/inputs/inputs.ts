import { quote } from '../../core/printable.ts'
import { Secret } from '../../core/secret.ts'
import { ActionError } from '../../errors.ts'

/** The runner's `INPUT_*` values beside the names and defaults that the action declares. Only a declared name can be read. */
export interface DeclaredInputs<Name extends string> {
  readonly given: ReadonlyMap<string, string>
  readonly defaults: Readonly<Record<Name, string>>
}

const MAX_CHARACTERS = 1024 * 1024
const CONTROL = /\p{Cc}/u

const refuse = (name: string, why: string): ActionError =>
  new ActionError('INPUT_VALUE', `\`${name}\` ${why}`, { hint: 'Correct the value of the input.' })

/** What was given, else the default; '' for neither. What no reader should meet is refused here. */
function readRaw<N extends string>({ given, defaults }: DeclaredInputs<N>, name: NoInfer<N>): string {
  const text = given.get(name) ?? ''
  if (text.length > MAX_CHARACTERS) throw refuse(name, 'is longer than 1 MiB')
  if (text.includes('\0')) throw refuse(name, 'holds a NUL character')
  if (text.includes('\ufffd') || !text.isWellFormed()) throw refuse(name, 'is not UTF-8')
  return text === '' ? defaults[name] : text
}

function assertPlain(name: string, line: string): void {
  if (CONTROL.test(line)) throw refuse(name, `holds a control character: ${quote(line)}`)
}

/** One line without the white space around it; undefined if there is nothing else. */
export function readLine<N extends string>(inputs: DeclaredInputs<N>, name: NoInfer<N>): string | undefined {
  const text = readRaw(inputs, name).trim()
  if (text === '') return undefined
  if (/[\r\n]/.test(text)) throw refuse(name, 'has several lines; it takes one')
  assertPlain(name, text)
  return text
}

/** The lines that are not blank, without the white space around them. */
export function readLines<N extends string>(inputs: DeclaredInputs<N>, name: NoInfer<N>): readonly string[] {
  const lines = readRaw(inputs, name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  for (const line of lines) assertPlain(name, line)
  return lines
}

/** The whole text, its lines and white space included; undefined if there is nothing else. */
export function readText<N extends string>(inputs: DeclaredInputs<N>, name: NoInfer<N>): string | undefined {
  const text = readRaw(inputs, name)
  return text.trim() === '' ? undefined : text
}

/** Never shown, whatever is wrong with it. */
export function readSecret<N extends string>(
  inputs: DeclaredInputs<N>,
  name: NoInfer<N>,
): Secret | undefined {
  const text = readRaw(inputs, name).trim()
  if (text === '') return undefined
  if (CONTROL.test(text)) throw refuse(name, 'has several lines or holds a control character')
  return new Secret(text)
}

/** Exactly one of the choices: no other letter case, no space. */
export function readChoice<N extends string, const C extends string>(
  inputs: DeclaredInputs<N>,
  name: NoInfer<N>,
  choices: readonly C[],
): C {
  const text = readRaw(inputs, name)
  const chosen = choices.find((choice) => choice === text)
  if (chosen !== undefined) return chosen
  throw new ActionError('INPUT_VALUE', `\`${name}\` is ${quote(text)}; it can be ${listOf(choices)}`, {
    expected: listOf(choices),
    found: quote(text),
  })
}

const listOf = (choices: readonly string[]): string =>
  choices
    .filter((choice) => choice !== '')
    .map((choice) => `\`${choice}\``)
    .join(', ')

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
])

/** A boolean of YAML 1.2's core schema (10.3.2), as the runner writes one. */
export function readFlag<N extends string>(inputs: DeclaredInputs<N>, name: NoInfer<N>): boolean {
  const text = readRaw(inputs, name)
  const value = BOOLEANS.get(text)
  if (value !== undefined) return value
  throw new ActionError('INPUT_VALUE', `\`${name}\` is ${quote(text)}; it can be \`true\` or \`false\``, {
    expected: 'true, false',
    found: quote(text),
  })
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])
const MAX_DURATION_MS = 24 * 3_600_000

/** `30s`, `10m` or `2h`, up to 24 hours, in milliseconds. */
export function readDuration<N extends string>(inputs: DeclaredInputs<N>, name: NoInfer<N>): number {
  const text = readRaw(inputs, name)
  const [, digits, unit = ''] = /^([1-9][0-9]{0,5})([smh])$/.exec(text) ?? []
  const milliseconds = Number(digits) * (UNIT_MS.get(unit) ?? Number.NaN)
  if (milliseconds <= MAX_DURATION_MS) return milliseconds
  const rule = 'a number with `s`, `m` or `h`, such as `30s` or `10m`, at most `24h`'
  throw new ActionError('INPUT_VALUE', `\`${name}\` is ${quote(text)}; it can be ${rule}`, {
    found: quote(text),
  })
}
