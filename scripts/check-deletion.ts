/**
 * Takes one check after the other out of the verifier's source and runs its tests on what is left: each time some test
 * must fail. `node scripts/check-deletion.ts` prints `N of N`; a word as argument picks the files whose path holds it.
 */
import { spawn } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { BUNDLE_DELETIONS } from './deletions/bundle-deletions.ts'
import { CERTIFICATE_DELETIONS } from './deletions/certificate-deletions.ts'
import type { Deletion } from './deletions/deletion.ts'
import { LOG_DELETIONS } from './deletions/log-deletions.ts'

const FOLDER = '.work/check-deletion'
/** What is run where the tests that should see it first do not. */
const TABLES =
  'sigstore/{verifier*,certificate-profile,bundle,statement,trusted-root,log-entry,policy,mutations,refusals}.test.ts'

type Verdict = 'red' | 'green' | 'broken'

/** A copy of all that the tests of the verifier need. */
function copyTo(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['src', 'sandbox', 'scripts', '__tests__', 'docs', 'bench', 'package.json']) {
    cpSync(name, join(folder, name), { recursive: true })
  }
  symlinkSync(resolve('../shared'), join(folder, '..', 'shared'), 'dir')
}

/** `broken` if nothing ran to its end: then the replacement is at fault, and proves nothing. */
function runTests(folder: string, files: readonly string[]): Promise<Verdict> {
  return new Promise((done, fail) => {
    const args = [
      '--test',
      '--test-timeout=60000',
      '--test-reporter=tap',
      ...files.map((file) => join('__tests__', file)),
    ]
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.on('error', fail)
    child.on('close', (status) => {
      const passed = Number(/^# pass (\d+)$/m.exec(text)?.[1] ?? 0)
      done(passed === 0 ? 'broken' : status === 0 ? 'green' : 'red')
    })
  })
}

async function judge(folder: string, deletion: Deletion, all: readonly string[]): Promise<Verdict> {
  const path = join(folder, 'src', deletion.file)
  const source = readFileSync(path, 'utf8')
  if (source.split(deletion.snippet).length !== 2) return 'broken'
  writeFileSync(
    path,
    source.replace(deletion.snippet, () => deletion.replacement),
  )
  try {
    const first = await runTests(folder, deletion.tests)
    if (first !== 'green') return first
    return await runTests(
      folder,
      all.filter((file) => !deletion.tests.includes(file)),
    )
  } finally {
    writeFileSync(path, source)
  }
}

const word = process.argv[2] ?? ''
const wanted = [...BUNDLE_DELETIONS, ...LOG_DELETIONS, ...CERTIFICATE_DELETIONS].filter(({ file }) =>
  file.includes(word),
)
const all = globSync(TABLES, { cwd: '__tests__' })
const workers = Array.from({ length: availableParallelism() }, (_, i) => join(FOLDER, String(i), 'keyless'))
for (const folder of workers) {
  rmSync(join(folder, '..'), { recursive: true, force: true })
  copyTo(folder)
}

const baseline = await runTests(workers[0] ?? '', [
  ...new Set([...all, ...wanted.flatMap(({ tests }) => tests)]),
])
if (baseline !== 'green') {
  console.error('The tests fail before anything is deleted.')
  process.exit(1)
}
let killed = 0
let next = 0
await Promise.all(
  workers.map(async (folder) => {
    for (let deletion = wanted[next++]; deletion !== undefined; deletion = wanted[next++]) {
      const verdict = await judge(folder, deletion, all)
      if (verdict === 'red') killed += 1
      else
        console.log(`${verdict === 'green' ? 'NOT NOTICED' : 'BROKEN'} ${deletion.file}: ${deletion.check}`)
    }
  }),
)
rmSync(FOLDER, { recursive: true, force: true })
console.log(`${killed} of ${wanted.length} deleted checks are noticed by a test`)
process.exit(killed === wanted.length && killed > 0 ? 0 : 1)
