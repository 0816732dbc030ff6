import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from '../../src/core/secret.ts'

const secret = new Secret('marked-secret')

const ways: Record<string, () => string> = {
  'a template': () => `${secret}`,
  concatenation: () => `token: ${String(secret)}`,
  JSON: () => JSON.stringify({ token: secret }),
  'inspect, hidden members shown': () => inspect({ secret }, { depth: 9, showHidden: true }),
  format: () => format('%s %o %j', secret, secret, secret),
  'its own members': () => JSON.stringify([Reflect.ownKeys(secret), { ...secret }]),
  'a message and its cause': () => inspect(new Error(`no ${secret}`, { cause: secret }), { depth: 9 }),
  'a copy': () => inspect(structuredClone({ ...secret })),
}

for (const [why, show] of Object.entries(ways)) {
  test(`a secret is not shown by: ${why}`, () => {
    assert.ok(!show().includes('marked-secret'))
  })
}

test('a secret is revealed to who asks for it', () => {
  assert.equal(secret.reveal(), 'marked-secret')
})
