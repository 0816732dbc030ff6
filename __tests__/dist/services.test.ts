import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import type { Fault } from '../../sandbox/faults.ts'
import type { ServiceName } from '../../sandbox/requests.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { text } from '../../sandbox/web.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { AT_THE_SAME_TIME, SERVICES, withSandbox } from './own-sandbox.ts'
import type { Run, Variables } from './program.ts'
import { assertRefused } from './refusal.ts'

const SHORT: Variables = { 'INPUT_SUBJECT-PATH': 'app.bin', 'INPUT_TIME-BUDGET': '1s' }

type Trouble = readonly [
  title: string,
  fault: Fault,
  code: ErrorCode | Readonly<Partial<Record<ServiceName, ErrorCode>>>,
]

const HTML = '<html><title>Sign in to the network</title></html>'

const FOR_EVER: readonly Trouble[] = [
  ['closes every connection', { kind: 'drop' }, 'NET_UNREACHABLE'],
  ['answers 500 for ever', { kind: 'answer', answer: { status: 500, body: 'oops' } }, 'NET_UNREACHABLE'],
  ['cuts every answer', { kind: 'cut', bytes: 3 }, 'NET_UNREACHABLE'],
]

const AT_ONCE: readonly Trouble[] = [
  ['redirects', { kind: 'redirect', location: 'http://127.0.0.1:1/x' }, 'NET_REDIRECT'],
  ['sends a body without end', { kind: 'endless' }, 'NET_TOO_LARGE'],
  [
    'answers with a web page',
    { kind: 'answer', answer: text(200, HTML, 'text/html') },
    {
      token: 'TOKEN_REQUEST',
      fulcio: 'FULCIO_RESPONSE',
      'rekor-v1': 'TLOG_RESPONSE',
      'rekor-v2': 'TLOG_RESPONSE',
      tsa: 'TSA_PARSE',
    },
  ],
  [
    'refuses',
    { kind: 'answer', answer: { status: 400, body: '{"code":3,"message":"not you"}' } },
    {
      token: 'TOKEN_REQUEST',
      fulcio: 'FULCIO_REFUSED',
      'rekor-v1': 'TLOG_REFUSED',
      'rekor-v2': 'TLOG_REFUSED',
      tsa: 'TSA_REFUSED',
    },
  ],
]

suite('a service that fails for ever', AT_THE_SAME_TIME, () => {
  for (const [title, fault, codes] of [...FOR_EVER, ...AT_ONCE]) {
    for (const [service, inputs] of SERVICES) {
      test(`${service} ${title}`, () =>
        withSandbox(async (sandbox, job) => {
          sandbox.faults.add({ service, fault })
          const code = typeof codes === 'string' ? codes : (codes[service] ?? 'INTERNAL')
          const done = await assertRefused(job, { ...SHORT, ...inputs }, code)
          assertPublic(done, sandbox)
          const isRepeated = FOR_EVER.some(([known]) => known === title)
          assert.equal(
            sandbox.requests.count(service) > 1,
            isRepeated,
            'tried again only where that may help',
          )
        }))
    }
  }

  for (const [service, path, told] of [
    ['Fulcio', 'caUrls', /^(?![\s\S]*became public)(?![\s\S]*perhaps)/],
    ['Rekor', 'rekorTlogUrls', /1 record became public and cannot be taken back:\n(?![\s\S]*perhaps)/],
  ] as const) {
    test(`a ${service} that nobody can connect to got nothing, and nobody says that it may have`, () =>
      withSandbox(async (_, job) => {
        const file = job.env['INPUT_SIGNING-CONFIG'] ?? ''
        const config = JSON.parse(readFileSync(file, 'utf8'))
        for (const one of config[path]) one.url = 'http://127.0.0.1:1'
        writeFileSync(file, JSON.stringify(config))
        const done = await assertRefused(job, SHORT, 'NET_UNREACHABLE')
        assert.match(done.lines.join('\n'), told)
      }))
  }

  test('a log that is frozen', () =>
    withSandbox(async (sandbox, job) => {
      sandbox.freezeRekorV2()
      assertPublic(await assertRefused(job, SHORT, 'TLOG_FROZEN'), sandbox)
    }))

  test('a service that asks to slow down for longer than there is time', () =>
    withSandbox(async (sandbox, job) => {
      const answer = { status: 429, headers: { 'retry-after': '3600' } }
      sandbox.faults.add({ service: 'tsa', fault: { kind: 'answer', answer } })
      assertPublic(await assertRefused(job, SHORT, 'NET_OVERLOADED'), sandbox)
    }))
})

/** The report names the certificate and each entry that is in a log now. */
function assertPublic({ report, lines }: Run, { authorities, requests }: Sandbox): void {
  const known = report?.public ?? []
  const certified = requests.all().some(({ service, status }) => service === 'fulcio' && status === 200)
  const isTold = known.some((one) => one.kind === 'certificate' && !('perhaps' in one))
  if (isTold) assert.ok(certified)
  const logged = authorities.rekorV1.current.log.bodies.length - 1 + authorities.rekorV2.log.bodies.length - 1
  if (logged > 0) assert.ok(known.some((one) => one.kind === 'entry' && one.subject === 'app.bin'))
  if (known.length > 0)
    assert.match(lines.join('\n'), /became public and cannot be taken back|may have become public/)
}
