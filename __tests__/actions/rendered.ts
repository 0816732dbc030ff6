/** What Markdown leaves outside of code spans and fenced blocks: where anything that starts something would stand. */

/** The text without its code spans (CommonMark 6.1: a run of back-ticks ends at the next run of the same length). */
export function outsideSpans(line: string): string {
  let rest = line
  let outside = ''
  for (;;) {
    const open = /`+/.exec(rest)
    if (open === null) return outside + rest
    const fence = open[0]
    const after = rest.slice(open.index + fence.length)
    const close = [...after.matchAll(/`+/g)].find(([run]) => run === fence)
    outside += rest.slice(0, open.index)
    if (close === undefined) return outside + rest.slice(open.index)
    rest = after.slice(close.index + fence.length)
    outside += '§'
  }
}

/** The lines that are in no fenced block (CommonMark 4.5). */
export function outsideBlocks(markdown: string): string[] {
  const lines: string[] = []
  let fence: string | undefined
  for (const line of markdown.split('\n')) {
    if (fence === undefined) {
      fence = /^ {0,3}(`{3,})[^`]*$/.exec(line)?.[1]
      if (fence === undefined) lines.push(line)
    } else if (new RegExp(`^ {0,3}\`{${fence.length},} *$`).test(line)) fence = undefined
  }
  return lines
}

/** Cells of a table row as GitHub splits it: at every pipe without a backslash, code span or not. */
export const cellsOf = (row: string): string[] => row.replace(/^\||\|$/g, '').split(/(?<!\\)\|/)
