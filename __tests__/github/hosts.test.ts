import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseGitHubHosts } from '../../src/github/hosts.ts'

suite('hosts of GitHub', () => {
  const rules = { allowLoopback: false }
  const cases = [
    ['https://api.github.com', 'https://uploads.github.com/x', 'https://objects.githubusercontent.com/x'],
    ['https://api.acme.ghe.com', 'https://uploads.acme.ghe.com/x', 'https://x.blob.core.windows.net/y'],
    ['https://git.example.com/api/v3', 'https://git.example.com/api/uploads/x', 'https://git.example.com/z'],
  ] as const
  for (const [api, upload, file] of cases) {
    test(`${api} takes uploads and keeps files where it should`, () => {
      const hosts = parseGitHubHosts(api, rules)
      assert.ok(hosts.takesUploads(new URL(upload)))
      assert.ok(hosts.keepsFiles(new URL(file)))
      for (const strange of [
        'https://evil.example/x',
        upload.replace('https', 'http'),
        'https://uploads.github.com.evil.example/x',
        'https://githubusercontent.com.evil.example/x',
        'http://127.0.0.1/x',
      ]) {
        assert.ok(!hosts.takesUploads(new URL(strange)), strange)
        assert.ok(!hosts.keepsFiles(new URL(strange)), strange)
      }
    })
  }

  test("a server of one's own keeps nothing at the hosts of github.com", () => {
    const hosts = parseGitHubHosts('https://git.example.com/api/v3', rules)
    assert.ok(!hosts.takesUploads(new URL('https://uploads.github.com/x')))
    assert.ok(!hosts.keepsFiles(new URL('https://x.githubusercontent.com/x')))
  })

  test('the API of one tenant does not send its token to another', () => {
    const hosts = parseGitHubHosts('https://api.acme.ghe.com', rules)
    assert.ok(!hosts.takesUploads(new URL('https://uploads.other.ghe.com/x')))
  })

  test('loopback is a host only where it is allowed', () => {
    const hosts = parseGitHubHosts('http://127.0.0.1:1', { allowLoopback: true })
    assert.ok(hosts.takesUploads(new URL('http://127.0.0.1:2/x')))
    assert.ok(!hosts.takesUploads(new URL('https://uploads.github.com/x')))
    assert.throws(() => parseGitHubHosts('http://127.0.0.1:1', rules), { code: 'ENVIRONMENT' })
  })

  for (const address of [
    '',
    'api.github.com',
    'http://api.github.com',
    'https://u:p@api.github.com',
    'https://a/?b',
  ])
    test(`${JSON.stringify(address)} is no address of an API`, () => {
      assert.throws(() => parseGitHubHosts(address, { allowLoopback: true }), { code: 'ENVIRONMENT' })
    })
})
