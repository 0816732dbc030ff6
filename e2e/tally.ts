/** Something that was tried. */
export interface Trial {
  /** Whose program did it. */
  readonly client: string
  readonly log: string
  /** What kind of bundle, or what was done about it. */
  readonly content: string
  readonly name: string
  readonly passed: boolean
  /** Shown where it did not pass. */
  readonly detail: string
}

/** Counts and prints what was tried. */
export interface Tally {
  readonly add: (trial: Trial) => void
  readonly trials: () => readonly Trial[]
  readonly failures: () => readonly Trial[]
}

export function createTally(say: (line: string) => void): Tally {
  const trials: Trial[] = []
  return {
    add: (trial) => {
      trials.push(trial)
      if (trial.passed) return
      say(`FAILED  ${trial.client} · ${trial.log} · ${trial.content} · ${trial.name}`)
      for (const line of trial.detail.trim().split('\n').slice(-30)) say(`        ${line}`)
    },
    trials: () => trials,
    failures: () => trials.filter(({ passed }) => !passed),
  }
}

/** A line for each client and content, a column for each log, `passed of all` in each cell. */
export function formatTable(trials: readonly Trial[]): string {
  const logs = unique(trials.map(({ log }) => log))
  const rows = unique(trials.map(({ client, content }) => `${client}\t${content}`)).map((row) => {
    const [client = '', content = ''] = row.split('\t')
    const own = trials.filter((trial) => trial.client === client && trial.content === content)
    return [client, content, ...logs.map((log) => ofN(own.filter((trial) => trial.log === log)))]
  })
  return align([['client', 'content', ...logs], ...rows])
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

export const ofN = (trials: readonly Trial[]): string =>
  trials.length === 0 ? '' : `${trials.filter(({ passed }) => passed).length} of ${trials.length}`

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd()
  const [head = [], ...body] = rows
  return [line(head), widths.map((width) => '-'.repeat(width)).join('-|-'), ...body.map(line)].join('\n')
}
