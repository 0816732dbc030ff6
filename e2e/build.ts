/** Builds what the real stack and the judges are made of, once for each version: `node e2e/build.ts` does only that. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { type Command, run, succeed } from './command.ts'
import { fingerprintOf, type Program, type ProgramName, PYTHON_REQUIREMENTS, programs } from './programs.ts'

/** Paths of everything that is built. */
export interface Tools {
  readonly programs: Readonly<Record<ProgramName, string>>
  /** The interpreter of a virtual environment that has sigstore-python. */
  readonly python: string
  /** Client names and versions as they are shown. */
  readonly versions: Readonly<Record<'cosign' | 'sigstore-go' | 'sigstore-python', string>>
}

/** Something that must be installed first. The message says what. */
export class MissingTool extends Error {}

const AT_ONCE = 2
const BUILD_LIMIT = 30 * 60_000
/** Paths of this machine are nobody's business, and nobody debugs here. */
const BUILD_FLAGS = ['-trimpath', '-ldflags=-s -w']
/** Of the environment. */
const BUILD_SETTINGS = { GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' }
const IS_WINDOWS = process.platform === 'win32'

/** Builds what is not there yet; `say` is told of each. Throws MissingTool, or an Error with the compiler's words. */
export async function buildTools(say: (line: string) => void): Promise<Tools> {
  const go = await findGo()
  const cache = join(dirname(await askGo(go, 'GOCACHE')), 'keyless-e2e')
  const compiler = await askGo(go, 'GOVERSION', 'GOOS', 'GOARCH', 'GOAMD64', 'GOARM64', 'GOEXPERIMENT')
  mkdirSync(cache, { recursive: true })
  const all = programs()
  const built = new Map<ProgramName, string>()
  const jobs = all.map((program) => async () => {
    built.set(program.name, await buildProgram({ go, compiler, cache, say }, program))
  })
  let python = ''
  await inParallel([
    ...jobs,
    async () => {
      python = await buildPython(cache, say)
    },
  ])
  const paths = all.map(({ name }) => [name, built.get(name)])
  const versionOf = (name: ProgramName): string => all.find((one) => one.name === name)?.version ?? ''
  return {
    programs: Object.fromEntries(paths) as Tools['programs'],
    python,
    versions: {
      cosign: versionOf('cosign'),
      'sigstore-go': versionOf('sigstore-go'),
      'sigstore-python': `v${pythonVersion()}`,
    },
  }
}

async function inParallel(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs]
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function findGo(): Promise<string> {
  const needed = programs()
    .map(({ go }) => go)
    .reduce((newest, one) => (isOlder(newest, one) ? one : newest))
  const env = { ...process.env, GOTOOLCHAIN: 'local' }
  const found = await run({ file: 'go', args: ['env', 'GOVERSION'], env }).catch(() => undefined)
  const version = /^go([0-9.]+)/.exec(found?.stdout ?? '')?.[1]
  const advice = `Install Go ${needed} or later and put it on PATH.`
  if (version === undefined) {
    throw new MissingTool(`Go is missing: the real servers are built from source. ${advice}`)
  }
  if (isOlder(version, needed)) throw new MissingTool(`Go ${version} is too old. ${advice}`)
  return 'go'
}

/** Of versions like `1.26.8`. */
function isOlder(version: string, other: string): boolean {
  const [own, others] = [version, other].map((one) => one.split('.').map(Number))
  const first = others?.findIndex((part, i) => part !== (own?.[i] ?? 0)) ?? -1
  return first >= 0 && (own?.[first] ?? 0) < (others?.[first] ?? 0)
}

const askGo = async (go: string, ...names: readonly string[]): Promise<string> =>
  (await succeed({ file: go, args: ['env', ...names] })).trim()

interface Workshop {
  readonly go: string
  /** Which one it is and for which machines it builds. */
  readonly compiler: string
  readonly cache: string
  readonly say: (line: string) => void
}

async function buildProgram({ go, compiler, cache, say }: Workshop, program: Program): Promise<string> {
  const { name, version, folder } = program
  const fingerprint = fingerprintOf([
    program.fingerprint,
    compiler,
    JSON.stringify([BUILD_FLAGS, BUILD_SETTINGS]),
  ])
  const path = join(cache, `${name}-${version}-${fingerprint}${IS_WINDOWS ? '.exe' : ''}`)
  if (existsSync(path)) return path
  say(`building ${name} ${version} …`)
  const started = Date.now()
  // A name of its own, then renamed: whoever is interrupted leaves nothing that passes for a program.
  const unfinished = `${path}.${process.pid}`
  const args = ['build', ...BUILD_FLAGS, '-o', unfinished, program.package]
  const env = { ...process.env, ...BUILD_SETTINGS }
  try {
    await succeedGently({ file: go, args, cwd: folder, env, timeout: BUILD_LIMIT })
    renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
  say(`built ${name} ${version} in ${Math.round((Date.now() - started) / 1000)} s`)
  return path
}

/** Children inherit the priority: a long build leaves the machine to whoever works on it. */
async function succeedGently(command: Command): Promise<void> {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // as fast as it is, then
  }
  await succeed(command)
}

const pythonVersion = (): string =>
  /^sigstore==(\S+)/m.exec(readFileSync(PYTHON_REQUIREMENTS, 'utf8'))?.[1] ?? 'unknown'

async function buildPython(cache: string, say: (line: string) => void): Promise<string> {
  const interpreter = await findPython()
  const fingerprint = fingerprintOf([readFileSync(PYTHON_REQUIREMENTS), interpreter.identity])
  const folder = join(cache, `sigstore-python-v${pythonVersion()}-${fingerprint}`)
  const python = join(folder, IS_WINDOWS ? 'Scripts/python.exe' : 'bin/python')
  const done = join(folder, 'complete')
  if (existsSync(done)) return python
  say(`installing sigstore-python ${pythonVersion()} …`)
  rmSync(folder, { recursive: true, force: true })
  await succeed({ file: interpreter.file, args: ['-m', 'venv', folder] }).catch((error: unknown) => {
    throw new MissingTool(
      `Python cannot make a virtual environment. Install its venv module.\n${String(error)}`,
    )
  })
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    '--no-deps',
  ]
  await succeed({ file: python, args: [...pip, '-r', PYTHON_REQUIREMENTS], timeout: BUILD_LIMIT })
  await succeed({ file: python, args: ['-m', 'pip', 'check'] })
  mkdirSync(done)
  return python
}

/** With what a virtual environment that was made by it depends on: one of an interpreter that is gone does not run. */
async function findPython(): Promise<{ readonly file: string; readonly identity: string }> {
  for (const file of ['python3', 'python']) {
    const check = 'import sys; print(sys.executable, sys.version); sys.exit(sys.version_info < (3, 10))'
    const found = await run({ file, args: ['-c', check] }).catch(() => undefined)
    if (found?.code === 0) return { file, identity: found.stdout }
  }
  throw new MissingTool(
    'Python is missing: sigstore-python is one of the judges. Install Python 3.10 or later.',
  )
}

if (import.meta.main) {
  try {
    await buildTools((line) => console.log(line))
  } catch (error) {
    console.error(error instanceof MissingTool ? error.message : error)
    process.exitCode = 1
  }
}
