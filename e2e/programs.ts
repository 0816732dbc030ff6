import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A Go program. Its folder below `programs/` is a module of its own, whose `go.mod` and `go.sum` fix every dependency. */
interface Source {
  /** What `go build` is given; what starts with `.` is a main of ours. */
  readonly package: string
  /** The module whose version is the program's. */
  readonly module: string
  /** Where its `go.mod` lies, if not in the folder of its name. */
  readonly folder?: string
}

const SOURCES = {
  'trillian-memory': { package: '.', module: 'github.com/google/trillian' },
  ctlog: { package: '.', module: 'github.com/transparency-dev/tesseract' },
  'sigstore-go': {
    package: 'github.com/sigstore/sigstore-go/examples/sigstore-go-verification',
    module: 'github.com/sigstore/sigstore-go',
  },
  'sigstore-go-sign': { package: '.', module: 'github.com/sigstore/sigstore-go', folder: 'sigstore-go' },
  act: { package: 'github.com/nektos/act', module: 'github.com/nektos/act' },
  'sigstore-go-bench': {
    package: './bench',
    module: 'github.com/sigstore/sigstore-go',
    folder: 'sigstore-go',
  },
  'rekor-v2': {
    package: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix',
    module: 'github.com/sigstore/rekor-tiles/v2',
  },
  fulcio: { package: 'github.com/sigstore/fulcio', module: 'github.com/sigstore/fulcio' },
  tsa: {
    package: 'github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server',
    module: 'github.com/sigstore/timestamp-authority/v2',
  },
  'rekor-v1': { package: 'github.com/sigstore/rekor/cmd/rekor-server', module: 'github.com/sigstore/rekor' },
  cosign: { package: 'github.com/sigstore/cosign/v3/cmd/cosign', module: 'github.com/sigstore/cosign/v3' },
} as const satisfies Record<string, Source>

export type ProgramName = keyof typeof SOURCES

export interface Program extends Source {
  readonly name: ProgramName
  /** Absolute. */
  readonly folder: string
  /** As `go.mod` has it: `v1.8.8`. */
  readonly version: string
  /** The oldest Go that builds it, `1.26.8`. */
  readonly go: string
  /** Of the package and all its dependencies. */
  readonly fingerprint: string
}

const PROGRAMS_FOLDER = join(import.meta.dirname, 'programs')
export const PYTHON_FOLDER: string = join(PROGRAMS_FOLDER, 'sigstore-python')
export const PYTHON_REQUIREMENTS: string = join(PYTHON_FOLDER, 'requirements.txt')

/** All programs, those that build fastest first. */
export const programs = (): readonly Program[] =>
  Object.keys(SOURCES)
    .filter(isProgram)
    .map((name) => describe(name))

const isProgram = (name: string): name is ProgramName => name in SOURCES

function describe(name: ProgramName): Program {
  const source: Source = SOURCES[name]
  const folder = join(PROGRAMS_FOLDER, source.folder ?? name)
  const files = [
    'go.mod',
    'go.sum',
    ...(source.package.startsWith('.') ? [join(source.package, 'main.go')] : []),
  ]
  const contents = files.map((file) => readFileSync(join(folder, file)))
  const version = requiredVersion(contents.join('\n'), source.module)
  const go = /^go ([0-9.]+)$/m.exec(contents.join('\n'))?.[1] ?? ''
  return { ...source, name, folder, version, go, fingerprint: fingerprintOf([source.package, ...contents]) }
}

function requiredVersion(text: string, module: string): string {
  const line = text.split('\n').find((one) => one.replace('require ', '').trim().startsWith(`${module} v`))
  const version = line?.split(' ').find((word) => /^v[0-9]/.test(word))
  if (version === undefined) throw new Error(`go.mod does not require ${module}`)
  return version
}

/** The first 32 bits of SHA-256: enough to tell two states of one folder apart. */
export function fingerprintOf(contents: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(`${content.length}:`).update(content)
  return hash.digest('hex').slice(0, 8)
}
