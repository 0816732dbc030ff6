import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import type { FaultRule } from '../../sandbox/faults.ts'
import type { Job } from '../../sandbox/job.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { json, text, type WebRequest } from '../../sandbox/web.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { type Run, run, treeOf, type Variables, writeFiles } from './program.ts'

/** Heads of private keys as PEM and DER write them: PKCS #8 and SEC 1 of a P-256 key, and the JWK member. */
const PRIVATE_KEYS = ['PRIVATE KEY', 'MIGHAgEAMBMGByqGSM49', 'MHcCAQEEI', '"d":"']

interface Case {
  readonly title: string
  readonly code: ErrorCode | ''
  readonly inputs?: Variables
  readonly faults?: (sandbox: Sandbox) => readonly FaultRule[]
}

/** What a server says that repeats what it was sent. */
const echo = (status: number) => (_: unknown, request: WebRequest) =>
  json(status, { message: `no: ${Buffer.from(request.body)} ${request.headers.authorization}` })

const CASES: readonly Case[] = [
  { title: 'all goes well', code: '' },
  { title: 'all goes well on Rekor v1', code: '', inputs: { 'INPUT_REKOR-VERSION': '1' } },
  {
    title: 'Fulcio repeats what it was sent',
    code: 'FULCIO_REFUSED',
    faults: () => [{ service: 'fulcio', fault: { kind: 'change', change: echo(403) } }],
  },
  {
    title: 'Fulcio answers with the token instead of a certificate',
    code: 'FULCIO_RESPONSE',
    faults: () => [{ service: 'fulcio', fault: { kind: 'change', change: echo(200) } }],
  },
  {
    title: 'the token endpoint repeats what it was sent',
    code: 'TOKEN_REQUEST',
    faults: () => [{ service: 'token', fault: { kind: 'change', change: echo(401) } }],
  },
  {
    title: 'the token endpoint answers with a page that holds the token',
    code: 'TOKEN_REQUEST',
    faults: ({ authorities }) => [
      {
        service: 'token',
        fault: { kind: 'change', change: () => text(200, authorities.issuer.mint('sigstore')) },
      },
    ],
  },
  {
    title: 'the token is about another run',
    code: 'TOKEN_IDENTITY',
    faults: ({ authorities }) => {
      const value = authorities.issuer.mint('sigstore', { claims: { run_id: '43' } })
      return [{ service: 'token', fault: { kind: 'answer', answer: json(200, { value }) } }]
    },
  },
  {
    title: 'the token endpoint redirects',
    code: 'NET_REDIRECT',
    faults: ({ addresses }) => [
      { service: 'token', fault: { kind: 'redirect', location: `${addresses.tsa}/steal` } },
    ],
  },
  {
    title: 'Fulcio redirects',
    code: 'NET_REDIRECT',
    faults: ({ addresses }) => [
      { service: 'fulcio', fault: { kind: 'redirect', location: `${addresses.tsa}/steal` } },
    ],
  },
  {
    title: 'Rekor refuses',
    code: 'TLOG_REFUSED',
    faults: () => [{ service: 'rekor-v2', fault: { kind: 'change', change: echo(400) } }],
  },
  {
    title: 'Fulcio is down',
    code: 'NET_UNREACHABLE',
    inputs: { 'INPUT_TIME-BUDGET': '1s' },
    faults: () => [{ service: 'fulcio', fault: { kind: 'drop' } }],
  },
]

const SERVICES: readonly ServiceName[] = ['token', 'issuer', 'fulcio', 'rekor-v1', 'rekor-v2', 'tsa']

suite('tokens and keys stay where they belong', () => {
  let sandbox: Sandbox
  /** Headers and query of each request, as text. */
  const heads = new Map<ServiceName, string>()
  before(async () => {
    sandbox = await startSandbox({ keepBodies: true })
  })
  after(() => sandbox.close())
  afterEach(() => {
    sandbox.faults.clear()
    sandbox.requests.clear()
    heads.clear()
  })

  /** Looks at each request as well, and at what it is answered first of all. */
  function watch(rules: readonly FaultRule[]): void {
    for (const service of SERVICES) {
      const rule = rules.find((one) => one.service === service)
      const known = rule?.fault.kind === 'change' ? rule.fault.change : undefined
      if (rule !== undefined && known === undefined) {
        sandbox.faults.add(rule)
        continue
      }
      const change: NonNullable<typeof known> = (answer, request) => {
        const head = `${JSON.stringify(request.headers)} ${request.path}?${request.query}`
        heads.set(service, `${heads.get(service) ?? ''}${head}\n`)
        return known === undefined ? answer : known(answer, request)
      }
      sandbox.faults.add({ service, fault: { kind: 'change', change } })
    }
  }

  /** Everything that a person, the runner or a later step may read. */
  async function visible(done: Run, job: Job): Promise<string> {
    const masks = /^::add-mask::.*$/gm
    const parts = [
      done.text.replace(masks, ''),
      done.summary,
      JSON.stringify(done.report),
      ...done.outputs.values(),
    ]
    for (const folder of [job.workspace, job.temp]) {
      for (const path of await treeOf(folder)) parts.push(path, await readFile(join(folder, path), 'latin1'))
    }
    return parts.join('\n')
  }

  /** A token, and each part of it that says something. */
  const piecesOf = (token: string): readonly string[] => [token, ...token.split('.').slice(1)]

  for (const { title, code, inputs = {}, faults } of CASES) {
    test(title, async () => {
      const job = await sandbox.newJob()
      await writeFiles(job, { 'app.bin': 'content' })
      watch(faults?.(sandbox) ?? [])
      const done = await run('sign', {
        ...job.env,
        'INPUT_SUBJECT-PATH': 'app.bin',
        RUNNER_DEBUG: '1',
        ...inputs,
      })
      assert.equal(done.outputs.get('error-code'), code, done.text)
      const { minted, requestToken } = sandbox.authorities.issuer
      assert.ok(minted.length > 0)
      const seen = await visible(done, job)
      const secrets = [requestToken, ...minted.flatMap(piecesOf)]
      for (const secret of [...secrets, ...PRIVATE_KEYS])
        assert.ok(!seen.includes(secret), `leaked ${secret}`)
      assertAddressed(sandbox, secrets)
    })
  }

  /** The request token goes to the runner's endpoint alone, identity tokens to Fulcio alone, private keys nowhere. */
  function assertAddressed({ requests, authorities }: Sandbox, secrets: readonly string[]): void {
    for (const service of SERVICES) {
      const bodies = requests.all().filter((one) => one.service === service)
      const all = [
        heads.get(service) ?? '',
        ...bodies.map(({ body, path }) => `${path} ${Buffer.from(body ?? '')}`),
      ]
      const sent = all.join('\n')
      const allowed = (secret: string): boolean =>
        secret === authorities.issuer.requestToken ? service === 'token' : service === 'fulcio'
      for (const secret of secrets.filter((one) => !allowed(one))) {
        assert.ok(!sent.includes(secret), `${service} was sent ${secret}`)
      }
      for (const head of PRIVATE_KEYS) assert.ok(!sent.includes(head), `${service} was sent a private key`)
    }
  }

  test('a token is masked before it is used, also one that is given', async () => {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    const token = sandbox.authorities.issuer.mint('sigstore')
    const env = { ...job.env, 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_IDENTITY-TOKEN': token }
    const done = await run('sign', env)
    assert.equal(done.code, 0, done.text)
    assert.deepEqual(done.commands[0], { name: 'add-mask', properties: {}, data: token })
    assert.ok(!(await visible(done, job)).includes(token))
    assert.equal(sandbox.requests.count('token'), 0)
  })
})
