import { type Measure, type Row, show } from './measure.ts'
import { type BenchReport, commandOf, countBars } from './report.ts'

/** `docs/performance.md`, from what `.work/bench.json` holds and from nothing else. */
export function renderDocs(report: BenchReport, measures: readonly Measure[]): string {
  const { machine, size, seconds, at } = report
  const { met, all } = countBars(report)
  const sections = measures.map((measure) => sectionOf(report, measure))
  return `# Performance

<!-- Written by \`npm run bench -- --write-docs\`. Do not edit. -->

\`npm run bench\` measures all of this in one run, side by side with the programs that people use today, and writes
\`.work/bench.json\`, from which \`npm run bench -- --write-docs\` makes this page. Nothing is tested by time: the command fails
only if something could not be measured, or if the number of requests is wrong. \`-- NAME\` measures one section, \`--quick\`
less of everything, \`--full\` more rounds. It needs what \`npm run e2e\` needs: Go, Python, \`openssl\`.

What follows is one run of ${minutes(seconds)} on ${at.slice(0, 10)}, size "${size}", on a machine with ${machine}.
Everything is on loopback and shares the processors with what is measured, so ratios mean more than times.
**${met} of ${all} bars are reached.**

${sections.join('\n\n')}

The security properties are numbers too: \`npm run properties\`.
`
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`

function sectionOf({ results, size }: BenchReport, measure: Measure): string {
  const rows = results.find(({ name }) => name === measure.name)?.rows
  const table =
    rows === undefined
      ? '**Not measured in this run.**'
      : [
          '| what | found | ratio | bar | reached |',
          '| --- | --- | --- | --- | --- |',
          ...rows.map((row) => lineOf(row)),
        ].join('\n')
  return `## ${measure.title}

Repeat with \`${commandOf(measure, size)}\`. ${measure.how}

${table}`
}

function lineOf(row: Row): string {
  const { what, found, ratio, bar, goal } = row
  const wanted = [bar, goal === undefined ? '' : `goal: ${goal}`].filter((part) => part !== '').join('; ')
  const cells = [what, found, ratio === undefined ? '' : show(ratio, 2), wanted, reached(row)]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function reached({ met, goalMet }: Row): string {
  if (met === undefined) return ''
  if (!met) return '**not reached**'
  if (goalMet === undefined) return 'yes'
  return goalMet ? 'yes, and the goal' : 'yes; **the goal not**'
}
