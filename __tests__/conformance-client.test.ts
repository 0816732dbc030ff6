import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'

let sandbox: Sandbox
const folder = mkdtempSync(join(tmpdir(), 'keyless-client-'))
const file = join(folder, 'artifact')
const bundle = join(folder, 'bundle.json')

before(async () => {
  sandbox = await startSandbox()
  writeFileSync(file, 'what was built')
})
after(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

function client(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, ['scripts/conformance-client.ts', ...args], { timeout: 30_000 })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
}

const trust = (): string[] => ['--trusted-root', sandbox.env['INPUT_TRUSTED-ROOT'] ?? '']
const identity = (name: string): string[] => [
  ...['--certificate-identity', name],
  ...['--certificate-oidc-issuer', sandbox.addresses.issuer],
]
const NAME = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
const sign = (subject: string, ...more: string[]) =>
  client(
    'sign-bundle',
    ...more,
    ...['--identity-token', sandbox.authorities.issuer.mint('sigstore'), '--bundle', bundle],
    ...trust(),
    ...['--signing-config', sandbox.env['INPUT_SIGNING-CONFIG'] ?? '', subject],
  )
const verify = (subject: string, name = NAME) =>
  client('verify-bundle', '--bundle', bundle, ...identity(name), ...trust(), subject)

test('a file is signed, and verified by path and by digest', async () => {
  assert.deepEqual(await sign(file), { code: 0, text: '' })
  assert.deepEqual(await verify(file), { code: 0, text: '' })
  const hex = createHash('sha256').update(readFileSync(file)).digest('hex')
  assert.deepEqual(await verify(`sha256:${hex}`), { code: 0, text: '' })
  assert.match((await verify(`sha256:${'0'.repeat(64)}`)).text, /^SIG_DIGEST/)
  assert.match((await verify(file, `${NAME}-evil`)).text, /^IDENTITY_MISMATCH/)
})

test('a statement is signed with --in-toto, and its subject verified by digest', async () => {
  const statement = join(folder, 'statement.json')
  const sha256 = 'ab'.repeat(32)
  writeFileSync(
    statement,
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'x', digest: { sha256 } }],
      predicateType: 'https://example.com/predicate',
      predicate: {},
    }),
  )
  assert.deepEqual(await sign(statement, '--in-toto'), { code: 0, text: '' })
  assert.deepEqual(await verify(`sha256:${sha256}`), { code: 0, text: '' })
  assert.match((await verify(file)).text, /^SUBJECT_MISMATCH/)
})

test('a wrong call fails', async () => {
  assert.match((await client('verify-bundle', 'x')).text, /^INPUT_REQUIRED/)
  assert.match((await client('sign', 'x')).text, /^INPUT_VALUE/)
  assert.equal((await client()).code, 1)
})
