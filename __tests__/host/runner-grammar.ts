/**
 * The runner's two grammars, written again from its rules (actions/runner ActionCommand.cs, FileCommandManager.cs,
 * OutputManager.cs), so that tests see what a real runner would do with what we print and write.
 */
export interface RunnerCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

export interface RunnerLog {
  /** What the runner would carry out. */
  readonly commands: readonly RunnerCommand[]
  /** What it would only show. */
  readonly lines: readonly string[]
}

const COMMANDS = new Set([
  ...['debug', 'notice', 'warning', 'error', 'group', 'endgroup', 'add-mask', 'echo', 'stop-commands'],
  ...['add-matcher', 'remove-matcher', 'set-output', 'save-state', 'set-env', 'add-path'],
])

/** Standard output or standard error of a step. .NET ends a line at LF, CRLF and a lone CR. */
export function parseRunnerLog(text: string): RunnerLog {
  const commands: RunnerCommand[] = []
  const lines: string[] = []
  let stopped: string | undefined
  for (const line of text.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/)) {
    if (stopped !== undefined) {
      if (line.trim() === `::${stopped}::`) stopped = undefined
      else lines.push(line)
      continue
    }
    const command = parseCommand(line) ?? parseLegacyCommand(line)
    if (command === undefined) lines.push(line)
    else commands.push(command)
    if (command?.name === 'stop-commands') stopped = command.data
  }
  return { commands, lines: text === '' ? [] : lines }
}

/** `::name key=value,key=value::data`, at the start of a line but for white space. */
function parseCommand(line: string): RunnerCommand | undefined {
  const text = line.trimStart()
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1
  if (end < 0) return undefined
  const decode = (value: string): string => unescapeData(value.replaceAll('%3A', ':').replaceAll('%2C', ','))
  return makeCommand(text.slice(2, end), ',', decode, unescapeData(text.slice(end + 2)))
}

/** `##[name key=value;key=value]data`, anywhere in a line. */
function parseLegacyCommand(line: string): RunnerCommand | undefined {
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  const decode = (value: string): string =>
    value
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']')
      .replaceAll('%25', '%')
  return makeCommand(line.slice(start + 3, end), ';', decode, decode(line.slice(end + 1)))
}

function makeCommand(
  head: string,
  separator: string,
  decode: (value: string) => string,
  data: string,
): RunnerCommand | undefined {
  const [, name = '', rest = ''] = /^([^ ]*)(?: ([\s\S]*))?$/.exec(head) ?? []
  if (!COMMANDS.has(name.toLowerCase())) return undefined
  const properties: Record<string, string> = {}
  for (const pair of rest.trim().split(separator)) {
    const at = pair.indexOf('=')
    if (at >= 0) properties[pair.slice(0, at)] = decode(pair.slice(at + 1))
  }
  return { name: name.toLowerCase(), properties, data }
}

const unescapeData = (value: string): string =>
  value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')

/**
 * GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV: `name=value`, or `name<<DELIMITER`, lines, `DELIMITER`. Throws on what
 * fails a step. On Linux and macOS only LF ends a line.
 */
export function parseRunnerFile(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const name = line.slice(0, heredoc)
      const delimiter = line.slice(heredoc + 2)
      if (name === '' || delimiter === '') throw new Error(`Invalid format '${line}'`)
      const end = lines.indexOf(delimiter, at + 1)
      if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'`)
      entries.set(name, lines.slice(at + 1, end).join('\n'))
      at = end
    } else if (equals > 0) entries.set(line.slice(0, equals), line.slice(equals + 1))
    else throw new Error(`Invalid format '${line}'`)
  }
  return entries
}
