import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { suite, test } from 'node:test'
import { SigningConfig, TrustedRoot } from '@sigstore/protobuf-specs'
import { startSandbox } from '../../sandbox/sandbox.ts'

suite('a job of the sandbox', () => {
  test('sees itself as its tokens describe it', async () => {
    const sandbox = await startSandbox()
    await sandbox.close()
    const { env, claims } = sandbox
    for (const name of ['repository', 'repository_id', 'ref', 'sha', 'event_name', 'run_id', 'run_attempt']) {
      assert.equal(env[`GITHUB_${name.toUpperCase()}`], claims[name], name)
    }
    assert.equal(env['INPUT_CERTIFICATE-OIDC-ISSUER'], undefined)
    assert.equal(env['GITHUB_SERVER_URL'], 'https://github.com')
  })

  test('has folders and files of its own, gone when the sandbox is closed', async () => {
    const sandbox = await startSandbox()
    const other = await sandbox.newJob()
    const names = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY', 'EVENT_PATH', 'WORKSPACE']
    const places = [sandbox.env, other.env].flatMap((env) => [
      ...names.map((name) => env[`GITHUB_${name}`] ?? ''),
      env['RUNNER_TEMP'] ?? '',
    ])
    assert.deepEqual(
      places.map(existsSync),
      places.map(() => true),
    )
    assert.equal(new Set(places).size, places.length)
    await sandbox.close()
    assert.deepEqual(
      places.map(existsSync),
      places.map(() => false),
    )
  })

  test('is given trust files that sigstore-js reads', async () => {
    const sandbox = await startSandbox()
    const json = (name: string) => JSON.parse(readFileSync(sandbox.env[`INPUT_${name}`] ?? '', 'utf8'))
    const root = TrustedRoot.fromJSON(json('TRUSTED-ROOT'))
    const config = SigningConfig.fromJSON(json('SIGNING-CONFIG'))
    await sandbox.close()
    assert.equal(root.tlogs.length, 2)
    assert.deepEqual(
      config.rekorTlogUrls.map(({ majorApiVersion }) => majorApiVersion),
      [2, 1],
    )
  })
})

test('npm run sandbox ends when npm is told to, whose shell passes nothing on', {
  skip: process.platform === 'win32' && 'there are no signals',
}, async () => {
  const npm = spawn('npm', ['run', '--silent', 'sandbox'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface(npm.stdout), 'line')
  npm.kill('SIGTERM')
  // Its output is closed when the last one who holds it is gone.
  await once(npm, 'close')
  assert.equal(existsSync(JSON.parse(line).env.GITHUB_WORKSPACE), false)
})

test('the sandbox prints one line, serves, and ends cleanly on SIGTERM', async () => {
  const child = spawn(process.execPath, ['sandbox/main.ts'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(line))
  const [line] = await once(reader, 'line')
  const { env } = JSON.parse(line)
  const headers = { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` }
  const response = await fetch(`${env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sigstore`, { headers })
  assert.equal(typeof JSON.parse(await response.text()).value, 'string')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  assert.equal(code, process.platform === 'win32' ? null : 0)
  assert.equal(lines.length, 1)
  if (process.platform !== 'win32') assert.equal(existsSync(env.GITHUB_WORKSPACE), false)
})
