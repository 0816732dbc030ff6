import { type DeclaredInputs, readLines } from './inputs.ts'

/** One pattern a line. A single line may hold several, with commas; one inside `[…]` belongs to the pattern. */
export function readPatterns<N extends string>(
  inputs: DeclaredInputs<N>,
  name: NoInfer<N>,
): readonly string[] {
  const lines = readLines(inputs, name)
  const [only] = lines
  return lines.length === 1 && only !== undefined ? splitAtCommas(only) : lines
}

function splitAtCommas(line: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  let bracket = false
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '[') bracket = true
    else if (line[i] === ']') bracket = false
    else if (line[i] === ',' && !bracket) {
      parts.push(line.slice(start, i))
      start = i + 1
    }
  }
  parts.push(line.slice(start))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
