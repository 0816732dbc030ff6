/** `npm start`: a whole Sigstore on loopback, a real file signed and verified by the built actions, one byte changed. */
import { spawn } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'

const kept = resolve('.work/start')
const say = (text: string): void => console.log(text)

/** One of the built programs, started as the runner starts it: only with what its environment says. */
async function run(program: string, env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [resolve(`dist/${program}.js`)], {
    env,
    cwd: env['GITHUB_WORKSPACE'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.pipe(process.stderr)
  const code = await new Promise<number>((done) => child.on('close', (status) => done(status ?? 1)))
  for (const line of text.split('\n'))
    if (line !== '' && !/^::(?:debug|add-mask)::/.test(line)) say(`   | ${readable(line)}`)
  return code
}

/** A workflow command as a person reads it. */
const readable = (line: string): string =>
  line
    .replace(/^::(\w+)[^:]*::/, '$1: ')
    .replaceAll('%0A', '\n   |   ')
    .replaceAll('%0D', '')
    .replaceAll('%25', '%')

say(
  '1. Starting a whole Sigstore on this machine: identity issuer, certificate authority, two kinds of logs,',
)
say('   timestamp authority. Nothing leaves loopback.')
const started = performance.now()
const sandbox = await startSandbox()
try {
  say(`   Up after ${Math.round(performance.now() - started)} ms.`)
  const workspace = sandbox.env['GITHUB_WORKSPACE'] ?? ''
  const file = join(workspace, 'keyless-sign.js')
  await copyFile('dist/sign.js', file)
  const env = { ...sandbox.env, 'INPUT_SUBJECT-PATH': 'keyless-sign.js' }

  say('\n2. Signing a real file, the built action itself, exactly as a runner would start it.')
  if ((await run('sign', env)) !== 0) throw new Error('signing failed; see above')
  const bundle = `${file}.sigstore.json`

  say('\n3. Verifying it, as a later job would: only with the file, its bundle and the trusted root.')
  if ((await run('verify', env)) !== 0) throw new Error('verifying failed; see above')

  await rm(kept, { recursive: true, force: true })
  await mkdir(kept, { recursive: true })
  await copyFile(file, join(kept, 'keyless-sign.js'))
  await copyFile(bundle, join(kept, 'keyless-sign.js.sigstore.json'))
  await copyFile(sandbox.env['INPUT_TRUSTED-ROOT'] ?? '', join(kept, 'trusted_root.json'))
  await copyFile(sandbox.env['GITHUB_STEP_SUMMARY'] ?? '', join(kept, 'summary.md'))

  say('\n4. Changing one byte of the file and verifying again. This must be refused.')
  const bytes = await readFile(file)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  await writeFile(file, bytes)
  if ((await run('verify', env)) === 0) throw new Error('a changed file was accepted')

  say('\nDone: signed, verified, and refused after one changed byte.')
  say(`The file, its bundle, the trusted root and the step summary are in ${relative('.', kept)}/`)
} finally {
  await sandbox.close()
}
