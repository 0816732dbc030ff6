import { debug, info, setSecret } from '@actions/core'
import { encodeUtf8 } from '../core/bytes.ts'
import type { Runner } from '../ports.ts'
import { harmless, startAnnotations } from './annotations.ts'
import { appendToRunnerFile, cutSummary, encodeOutputs, newDelimiter } from './runner-files.ts'

/** The runner as its environment and standard output. To be made once: it counts annotations. */
export function realRunner(variables: NodeJS.ProcessEnv = process.env): Runner {
  const annotations = startAnnotations()
  const env = (name: string): string | undefined => variables[name] || undefined
  outliveReaders()
  process.once('beforeExit', annotations.end)
  process.once('exit', annotations.end)
  return {
    platform: platformOf(process.platform),
    inputs: readInputs(variables),
    env,
    mask: (secret) => {
      if (secret !== '') setSecret(secret)
    },
    info: (line) => info(harmless(line)),
    notice: (message) => annotations.add('notice', message),
    warning: (message) => annotations.add('warning', message),
    error: (message, title) => annotations.add('error', message, title),
    debug: (line) => debug(harmless(line)),
    setOutputs: async (outputs) => {
      const content = encodeUtf8(encodeOutputs(outputs, newDelimiter()))
      const path = env('GITHUB_OUTPUT')
      if (path !== undefined) await appendToRunnerFile(path, 'GITHUB_OUTPUT', () => content)
    },
    addSummary: async (markdown) => {
      const path = env('GITHUB_STEP_SUMMARY')
      if (path === undefined) return
      await appendToRunnerFile(path, 'GITHUB_STEP_SUMMARY', (size) => cutSummary(markdown, size))
    },
  }
}

const platformOf = (platform: NodeJS.Platform): Runner['platform'] =>
  platform === 'win32' || platform === 'darwin' ? platform : 'linux'

/**
 * The runner writes `INPUT_` and the name in capitals, spaces as `_`. A variable with small letters was not set by it,
 * and must not pass for the one that was.
 */
export function readInputs(variables: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith('INPUT_') || name !== name.toUpperCase() || value === undefined) continue
    inputs.set(name.slice('INPUT_'.length).toLowerCase(), value)
  }
  return inputs
}

/** A reader that went away (EPIPE) is no reason to stop half-way; without a listener the process would end. */
function outliveReaders(): void {
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}
