import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import type { Json } from '../../src/core/json.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { type SelectionRules, selectServices } from '../../src/sigstore/service-selection.ts'
import { parseSigningConfig } from '../../src/sigstore/signing-config.ts'

const NOW = Date.UTC(2026, 10, 22)
const RULES: SelectionRules = { now: NOW, rekorVersion: 'auto', allowLoopbackHttp: false }

const service = (url: string, changes: object = {}) => ({
  url,
  majorApiVersion: 1,
  validFor: { start: '2025-01-01T00:00:00Z' },
  operator: 'one.example',
  ...changes,
})
const from = (start: string, end?: string) => ({ validFor: { start, ...(end !== undefined && { end }) } })

const CONFIG = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [service('https://fulcio.example')],
  oidcUrls: [service('not a URL: nobody reads it')],
  rekorTlogUrls: [service('https://v1.example'), service('https://v2.example', { majorApiVersion: 2 })],
  tsaUrls: [service('https://tsa.example/api/v1/timestamp')],
  rekorTlogConfig: { selector: 'ANY' },
  tsaConfig: { selector: 'ANY' },
  more: { ofLaterVersions: true },
}

const select = (changes: object, rules: Partial<SelectionRules> = {}) => {
  const json: Json = JSON.parse(JSON.stringify({ ...CONFIG, ...changes }))
  return selectServices(parseSigningConfig(json), { ...RULES, ...rules })
}
const hosts = (urls: readonly URL[]): readonly string[] => urls.map(({ host }) => host)

test('the highest version of log is taken, the rest as it is', () => {
  const { fulcio, rekor, tsa } = select({})
  assert.equal(fulcio.href, 'https://fulcio.example/')
  assert.deepEqual([rekor.version, rekor.count, hosts(rekor.urls)], [2, 1, ['v2.example']])
  assert.deepEqual([tsa.count, tsa.urls.map(String)], [1, ['https://tsa.example/api/v1/timestamp']])
})

test('a version that is asked for is taken', () => {
  assert.deepEqual(hosts(select({}, { rekorVersion: 1 }).rekor.urls), ['v1.example'])
  assert.equal(select({}, { rekorVersion: 2 }).rekor.version, 2)
})

test('a log of the highest version that is not in use does not hide the others', () => {
  const v1 = service('https://v1.example')
  for (const window of [
    from('2027-01-01T00:00:00Z'),
    from('2025-01-01T00:00:00Z', '2026-11-21T23:59:59Z'),
    { validFor: undefined },
    { validFor: {} },
    { validFor: null },
  ]) {
    const v2 = service('https://v2.example', { majorApiVersion: 2, ...window })
    assert.deepEqual(hosts(select({ rekorTlogUrls: [v2, v1] }).rekor.urls), ['v1.example'])
  }
  const v3 = service('https://v3.example', { majorApiVersion: 3 })
  assert.deepEqual(hosts(select({ rekorTlogUrls: [v3, v1] }).rekor.urls), ['v1.example'])
})

test('both ends of a window belong to it', () => {
  const instant = new Date(NOW).toISOString()
  const urls = [service('https://v1.example', from(instant, instant))]
  assert.deepEqual(hosts(select({ rekorTlogUrls: urls }).rekor.urls), ['v1.example'])
})

test('one certificate authority: the newest, the first listed among equals', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `https://${name}.example`)
  const old = service(String(a), from('2024-01-01T00:00:00Z'))
  const one = service(String(b), { ...from('2026-01-01T00:00:00Z'), operator: 'two.example' })
  const two = service(String(c), from('2026-01-01T00:00:00.000Z'))
  assert.equal(select({ caUrls: [old, one, two] }).fulcio.host, 'b.example')
  assert.equal(select({ caUrls: [two, old, one] }).fulcio.host, 'c.example')
})

const LOGS = [
  service('https://a1.example', from('2025-01-01T00:00:00Z')),
  service('https://b.example', { ...from('2025-06-01T00:00:00Z'), operator: 'two.example' }),
  service('https://a2.example', from('2026-01-01T00:00:00Z')),
]

test('one service per operator, its newest; the newest first', () => {
  const all = select({ rekorTlogUrls: LOGS, rekorTlogConfig: { selector: 'ALL' } })
  assert.deepEqual([hosts(all.rekor.urls), all.rekor.count], [['a2.example', 'b.example'], 2])
  const any = select({ rekorTlogUrls: LOGS })
  assert.deepEqual([hosts(any.rekor.urls), any.rekor.count], [['a2.example', 'b.example'], 1])
  const exact = select({ rekorTlogUrls: LOGS, rekorTlogConfig: { selector: 'EXACT', count: 2 } })
  assert.deepEqual([hosts(exact.rekor.urls), exact.rekor.count], [['a2.example', 'b.example'], 2])
})

test('a log that gives a time needs no timestamp authority', () => {
  const { tsa } = select({ tsaUrls: [], tsaConfig: undefined }, { rekorVersion: 1 })
  assert.deepEqual([tsa.urls, tsa.count], [[], 0])
})

test('the host alone of a timestamp authority is completed', () => {
  const { tsa } = select({ tsaUrls: [service('https://tsa.example')] })
  assert.deepEqual(tsa.urls.map(String), ['https://tsa.example/api/v1/timestamp'])
})

test('plain http to loopback is for custom instances alone', () => {
  const local = { caUrls: [service('http://127.0.0.1:5555')] }
  assert.equal(select(local, { allowLoopbackHttp: true }).fulcio.host, '127.0.0.1:5555')
  assert.throws(() => select(local), { code: 'CONFIG_INVALID' })
})

const refused: Record<string, readonly [ErrorCode, object, Partial<SelectionRules>?]> = {
  'another version': ['CONFIG_INVALID', { mediaType: CONFIG.mediaType.replace('0.2', '0.1') }],
  'no media type': ['CONFIG_INVALID', { mediaType: undefined }],
  'no certificate authority': ['CONFIG_INVALID', { caUrls: [] }],
  'a certificate authority of another version': [
    'CONFIG_INVALID',
    { caUrls: [service('https://f.example', { majorApiVersion: 2 })] },
  ],
  'no log': ['CONFIG_INVALID', { rekorTlogUrls: [] }],
  'no log in use': [
    'CONFIG_INVALID',
    { rekorTlogUrls: [service('https://a.example', from('2027-01-01T00:00:00Z'))] },
  ],
  'a version that is not on offer': [
    'CONFIG_NO_LOG',
    { rekorTlogUrls: [service('https://v1.example')] },
    { rekorVersion: 2 },
  ],
  'no timestamp authority and a log without time': ['CONFIG_NO_TIME', { tsaUrls: [], tsaConfig: undefined }],
  'a timestamp authority that has ended, and a log without time': [
    'CONFIG_NO_TIME',
    { tsaUrls: [service('https://t.example', from('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'))] },
  ],
  'a selector over no timestamp authority': ['CONFIG_INVALID', { tsaUrls: [] }, { rekorVersion: 1 }],
  'no selector of logs': ['CONFIG_INVALID', { rekorTlogConfig: undefined }],
  'no selector of timestamp authorities': ['CONFIG_INVALID', { tsaConfig: undefined }],
  'an undefined selector': [
    'CONFIG_INVALID',
    { rekorTlogConfig: { selector: 'SERVICE_SELECTOR_UNDEFINED' } },
  ],
  'a selector that says nothing': ['CONFIG_INVALID', { rekorTlogConfig: {} }],
  'an unknown selector': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 'MOST' } }],
  'a selector as a number': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 2 } }],
  'exactly none': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 'EXACT', count: 0 } }],
  'exactly, but no number': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 'EXACT' } }],
  'exactly a fraction': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 'EXACT', count: 1.5 } }],
  'more than there are': ['CONFIG_INVALID', { rekorTlogConfig: { selector: 'EXACT', count: 2 } }],
  'services that are no list': ['CONFIG_INVALID', { caUrls: {} }],
  'a service that is no object': ['CONFIG_INVALID', { caUrls: ['https://fulcio.example'] }],
  'a service without URL': ['CONFIG_INVALID', { caUrls: [{ ...service(''), url: undefined }] }],
  http: ['CONFIG_INVALID', { caUrls: [service('http://fulcio.example')] }],
  'http under a custom instance': [
    'CONFIG_INVALID',
    { caUrls: [service('http://fulcio.example')] },
    { allowLoopbackHttp: true },
  ],
  'another scheme': ['CONFIG_INVALID', { tsaUrls: [service('file:///etc/passwd')] }],
  'a URL with a password': ['CONFIG_INVALID', { caUrls: [service('https://a:b@fulcio.example')] }],
  'a URL with a query': ['CONFIG_INVALID', { caUrls: [service('https://fulcio.example/?x=1')] }],
  'a URL with a fragment': ['CONFIG_INVALID', { caUrls: [service('https://fulcio.example/#x')] }],
  'a URL with a space': ['CONFIG_INVALID', { caUrls: [service(' https://fulcio.example')] }],
  'a time that is none': [
    'CONFIG_INVALID',
    { caUrls: [service('https://f.example', from('2026-13-01T00:00:00Z'))] },
  ],
  'a window that ends before it starts': [
    'CONFIG_INVALID',
    { caUrls: [service('https://f.example', from('2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z'))] },
  ],
  'a version as a fraction': [
    'CONFIG_INVALID',
    { caUrls: [service('https://f.example', { majorApiVersion: 1.5 })] },
  ],
  'too many services': [
    'CONFIG_INVALID',
    { caUrls: Array.from({ length: 257 }, () => service('https://f.example')) },
  ],
}

for (const [why, [code, changes, rules]] of Object.entries(refused)) {
  test(`a signing config is refused: ${why}`, () => {
    assert.throws(() => select(changes, rules), { code })
  })
}

test('no message shows a password', () => {
  assert.throws(
    () => select({ caUrls: [service('https://a:PASSWORD@fulcio.example')] }),
    (error: unknown) => error instanceof Error && !error.message.includes('PASSWORD'),
  )
})

const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8'))
const TSA = 'https://timestamp.sigstore.dev/api/v1/timestamp'
const STAGING_TSA = 'https://timestamp.sigstage.dev/api/v1/timestamp'
const real: readonly (readonly [string, string, string, 1 | 2, string])[] = [
  ['public-good.signing-config.json', 'fulcio.sigstore.dev', 'rekor.sigstore.dev', 1, TSA],
  ['public-good.signing-config-rekor-v2.json', 'fulcio.sigstore.dev', 'log2025-1.rekor.sigstore.dev', 2, TSA],
  ['staging.signing-config.json', 'fulcio.sigstage.dev', 'global.rekor.sigstage.dev', 2, STAGING_TSA],
]

for (const [file, fulcio, rekor, version, tsa] of real) {
  test(`the shipped ${file} is read`, () => {
    const services = selectServices(parseSigningConfig(read(`src/trust/${file}`)), RULES)
    assert.equal(services.fulcio.host, fulcio)
    assert.deepEqual([hosts(services.rekor.urls), services.rekor.version], [[rekor], version])
    assert.deepEqual(services.tsa.urls.map(String), [tsa])
  })
}

const GITHUB_TSA = 'https://timestamp.githubapp.com/api/v1/timestamp'

suite("the instance without a log: GitHub's", () => {
  const shipped = () => parseSigningConfig(read('src/trust/github.signing-config.json'))
  const rules = { ...RULES, withoutLog: true }

  test('the shipped config names Fulcio and a timestamp authority, and nothing else is asked for', () => {
    const { fulcio, rekor, tsa } = selectServices(shipped(), rules)
    assert.equal(fulcio.href, 'https://fulcio.githubapp.com/')
    assert.deepEqual(rekor, { urls: [], count: 0 })
    assert.deepEqual([tsa.urls.map(String), tsa.count], [[GITHUB_TSA], 1])
  })

  test('under a trusted root that has logs, a config without one is refused', () => {
    assert.throws(() => selectServices(shipped(), RULES), { code: 'CONFIG_INVALID' })
  })

  test('a config that names a log, or a version that is asked for, contradicts the trusted root', () => {
    assert.throws(() => select({}, { withoutLog: true }), { code: 'CONFIG_INVALID' })
    for (const rekorVersion of [1, 2] as const)
      assert.throws(() => selectServices(shipped(), { ...rules, rekorVersion }), { code: 'CONFIG_NO_LOG' })
  })

  test('without a timestamp authority there would be no time at all', () => {
    for (const changes of [{ tsaUrls: [], tsaConfig: undefined }, { tsaUrls: [] }])
      assert.throws(() => select({ rekorTlogUrls: [], ...changes }, { withoutLog: true }), {
        code: 'CONFIG_NO_TIME',
      })
  })
})

const DATA = '../shared/data'
test('the signing configs of the TUF repositories are read', {
  skip: !existsSync(DATA) && `${DATA} is absent`,
}, () => {
  for (const instance of ['prod', 'staging']) {
    for (const name of ['signing_config.v0.2.json', 'signing_config_rekor_v2.v0.2.json']) {
      const config = parseSigningConfig(read(`${DATA}/${instance}/${name}`))
      assert.ok(config.transparencyLogs.length > 0, `${instance}/${name}`)
    }
  }
})
