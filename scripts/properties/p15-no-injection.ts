import { parseRunnerFile, parseRunnerLog } from '../../__tests__/host/runner-grammar.ts'
import { codeSpan, prose } from '../../src/actions/report/markdown.ts'
import { printable, quote } from '../../src/core/printable.ts'
import { startAnnotations } from '../../src/host/annotations.ts'
import { encodeOutputs, newDelimiter } from '../../src/host/runner-files.ts'
import { type Property, pick, type Random, startRandom, startTally, type Tally } from './property.ts'

const ROUNDS = 10_000

const PIECES: readonly string[] = [
  ...[
    '::',
    '::error::',
    '::set-output name=a::',
    '::add-mask::',
    '##[',
    '##[error]',
    '::stop-commands::x',
    ' ::',
    '\t::',
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\x1b[31m',
    '\x1b]8;;',
    '\0',
    '\b',
    '\u202e',
    '\u200b',
    '\ufeff',
  ],
  ...[
    '%0A',
    '%0D',
    '%25',
    '%3A%3A',
    '<<',
    'EOF',
    '=',
    'keyless_',
    '`',
    '```',
    '|',
    '<img src=x>',
    '&lt;',
    '](x)',
    '# ',
  ],
  ...['@octocat', 'https://evil.example', '\ud800', '\u{e0041}', 'a', 'file.txt', ' ', '-', '/', '\\', '\\n'],
]

const randomText = (random: Random): string =>
  Array.from({ length: 1 + random.below(8) }, () => pick(random, PIECES)).join('')

const hasRaw = (text: string): boolean => /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)

/** What is written to standard output meanwhile. */
function captured(run: () => void): string {
  const real = process.stdout.write
  let text = ''
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    text += Buffer.from(chunk).toString('utf8')
    return true
  }
  try {
    run()
  } finally {
    process.stdout.write = real
  }
  return text
}

function tryText(name: string, tally: Tally): void {
  const shown = JSON.stringify(name)
  for (const line of [printable(name), `\u2713 ${printable(name)}`, `${quote(name)} is not there`]) {
    const { commands, lines } = parseRunnerLog(line)
    tally.check(commands.length === 0 && lines.length === 1 && !hasRaw(line), `log line of ${shown}`)
  }
  const annotation = captured(() => startAnnotations().add('error', `cannot read ${quote(name)}`, name))
  const { commands, lines } = parseRunnerLog(annotation)
  const [command] = commands
  const one = commands.length === 1 && lines.length === 0 && command?.name === 'error'
  const text = `${command?.data}${Object.values(command?.properties ?? {}).join('')}`
  tally.check(one && !hasRaw(text), `annotation of ${shown}: ${annotation}`)
  const known = parseRunnerFile(encodeOutputs({ subjects: name, 'report-path': 'x' }, newDelimiter()))
  const whole = known.size === 2 && known.get('subjects') === name && known.get('report-path') === 'x'
  tally.check(whole, `outputs of ${shown}`)
  for (const cell of [codeSpan(name), prose(name)])
    tally.check(!hasRaw(cell) && !/[|<]/.test(cell), `summary of ${shown}: ${cell}`)
}

export const property: Property = {
  number: 15,
  title: 'Output injection is impossible',
  measure: () => {
    const tally = startTally()
    const random = startRandom(15)
    for (let i = 0; i < ROUNDS; i += 1) tryText(randomText(random), tally)
    return tally.result(
      `lines, annotations, outputs and cells of the summary from ${ROUNDS.toLocaleString('en-US')} random texts`,
    )
  },
}
