import type { ActionError } from '../../src/errors.ts'
import type { Files, Http, Runner, World } from '../../src/ports.ts'

/** What a run told its runner. */
export interface Told {
  readonly lines: string[]
  readonly errors: string[]
  readonly masks: string[]
  readonly summaries: string[]
  /** As written, one record for each time. */
  readonly outputs: Readonly<Record<string, string>>[]
  /** Texts of what was written to files, by path. */
  readonly files: Map<string, string>
}

export interface FakeOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  readonly files: Files
  readonly http?: Http
  /** Thrown by the outputs as often as there are errors. */
  readonly outputErrors?: readonly ActionError[]
  readonly summaryError?: ActionError
  readonly writeError?: ActionError
  readonly now?: number
}

/** A world in memory that keeps what it is told. */
export function fakeWorld(options: FakeOptions): World & { readonly told: Told } {
  const told: Told = { lines: [], errors: [], masks: [], summaries: [], outputs: [], files: new Map() }
  const noHttp: Http = () => Promise.reject(new Error('a request'))
  return {
    told,
    assertSafe: () => undefined,
    connect: () => options.http ?? noHttp,
    files: {
      ...options.files,
      write: async (path, _, bytes) => {
        if (options.writeError !== undefined) throw options.writeError
        told.files.set(path, Buffer.from(bytes).toString())
      },
      makePrivateFolder: async (parent, prefix) => `${parent}/${prefix}1`,
    },
    uploadArtifact: () => Promise.reject(new Error('an upload')),
    clock: {
      now: () => options.now ?? Date.UTC(2026, 10, 24),
      monotonic: () => 0,
      sleep: () => Promise.resolve(),
    },
    runner: fakeRunner(options, told),
    digestElsewhere: () => {
      throw new Error('a large file')
    },
    random: (bytes) => new Uint8Array(bytes),
    cancelled: new AbortController().signal,
    version: '1.2.3',
  }
}

function fakeRunner(
  { env = {}, inputs = {}, outputErrors = [], summaryError }: FakeOptions,
  told: Told,
): Runner {
  const failures = [...outputErrors]
  const say = (line: string): number => told.lines.push(line)
  return {
    platform: 'linux',
    inputs: new Map(Object.entries(inputs)),
    env: (name) => env[name],
    mask: (secret) => told.masks.push(secret),
    info: say,
    notice: say,
    warning: say,
    debug: () => undefined,
    error: (message) => told.errors.push(message),
    setOutputs: async (outputs) => {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      told.outputs.push(outputs)
    },
    addSummary: async (markdown) => {
      if (summaryError !== undefined) throw summaryError
      told.summaries.push(markdown)
    },
  }
}
