import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { toPem } from '../../sandbox/certificates.ts'
import { type Claims, githubClaims } from '../../sandbox/claims.ts'
import { GITHUB_ISSUER } from '../../sandbox/issuer.ts'
import { generateEcdsaKey } from '../../sandbox/keys.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeSequence,
  encodeUtf8String,
} from '../../src/core/der-encode.ts'
import { certificateRequest, clientKey, get, post } from './client.ts'

let sandbox: Sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const url = (): string => `${sandbox.addresses.fulcio}/api/v2/signingCert`
const subject = (): string => String(sandbox.claims['sub'])
const token = (claims?: Readonly<Record<string, unknown>>): string =>
  sandbox.authorities.issuer.mint('sigstore', claims && { claims })

function leafOf(text: string): X509Certificate {
  const { signedCertificateEmbeddedSct: signed } = JSON.parse(text)
  return new X509Certificate(signed.chain.certificates[0])
}

suite('the runner gives a token that Fulcio turns into a certificate', () => {
  test('by proof of possession, leaf first', async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: endpoint, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = sandbox.env
    const given = await get(`${endpoint}&audience=sigstore`, { authorization: `Bearer ${bearer}` })
    const key = clientKey()
    const answer = await post(url(), certificateRequest(JSON.parse(given.text).value, key, subject()))
    assert.equal(answer.status, 200)
    const leaf = leafOf(answer.text)
    const workflow = 'octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'
    assert.equal(leaf.subjectAltName, `URI:https://github.com/${workflow}`)
    assert.equal(leaf.checkPrivateKey(key.privateKey), true)
    const [, intermediate, root] = JSON.parse(answer.text).signedCertificateEmbeddedSct.chain.certificates
    assert.equal(leaf.verify(new X509Certificate(intermediate).publicKey), true)
    assert.equal(new X509Certificate(intermediate).verify(new X509Certificate(root).publicKey), true)
  })

  test('by a signing request, with the token in a header', async () => {
    const key = generateEcdsaKey()
    const info = encodeSequence(encodeInteger(0n), encodeSequence(), key.spki, encodeDer(0xa0))
    const request = encodeSequence(info, key.algorithm, encodeBitString(key.sign(info)))
    const pem = Buffer.from(toPem('CERTIFICATE REQUEST', request)).toString('base64')
    const headers = { authorization: `Bearer ${token()}` }
    const answer = await post(url(), { certificateSigningRequest: pem }, headers)
    assert.equal(answer.status, 200)
    assert.equal(leafOf(answer.text).checkPrivateKey(key.privateKey), true)
  })

  test('claims that change while it runs are in the next certificate', async () => {
    const before = sandbox.claims['environment']
    sandbox.claims['environment'] = 'production'
    const answer = await post(url(), certificateRequest(token(), clientKey(), subject()))
    sandbox.claims['environment'] = before
    assert.ok(leafOf(answer.text).raw.includes(Buffer.from(encodeUtf8String('production'))))
  })

  test('for a mailbox the proof is over its address', async () => {
    const claims: Claims = { sub: 'opaque', email: 'one@example.org', email_verified: true }
    const mail = await startSandbox({ claims: { ...githubClaims(), ...claims }, issuerKind: 'email' })
    const asked = mail.authorities.issuer.mint('sigstore')
    const address = `${mail.addresses.fulcio}/api/v2/signingCert`
    const answer = await post(address, certificateRequest(asked, clientKey(), 'one@example.org'))
    const refused = await post(address, certificateRequest(asked, clientKey(), 'opaque'))
    await mail.close()
    assert.equal(leafOf(answer.text).subjectAltName, 'email:one@example.org')
    assert.equal(refused.status, 400)
  })
})

suite('the token endpoint', () => {
  test('answers 401 without the request token', async () => {
    assert.equal((await get(sandbox.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '')).status, 401)
  })

  test('names the owner as audience if none is asked for', async () => {
    const headers = { authorization: `Bearer ${sandbox.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}` }
    const { value } = JSON.parse((await get(sandbox.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '', headers)).text)
    const claims = JSON.parse(Buffer.from(value.split('.')[1], 'base64url').toString())
    assert.equal(claims.aud, 'https://github.com/octo')
    assert.equal(claims.exp - claims.iat, 300)
  })

  test('discovery leads to the keys', async () => {
    const found = JSON.parse(
      (await get(`${sandbox.addresses.discovery}/.well-known/openid-configuration`)).text,
    )
    assert.equal(found.issuer, sandbox.addresses.issuer)
    assert.equal(JSON.parse((await get(found.jwks_uri)).text).keys[0].kty, 'RSA')
  })
})

const TOKEN = 'There was an error processing the identity token'
const PROOF = 'The signature supplied in the request could not be verified'
const now = (): number => Math.floor(Date.now() / 1000)
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

const REFUSED: readonly (readonly [string, string, () => unknown])[] = [
  ['no token', TOKEN, () => certificateRequest('', clientKey(), subject())],
  ['nonsense for a token', TOKEN, () => certificateRequest('a.b.c', clientKey(), subject())],
  ['expired token', TOKEN, () => certificateRequest(token({ exp: now() - 1 }), clientKey(), subject())],
  ['token of tomorrow', TOKEN, () => certificateRequest(token({ nbf: now() + 400 }), clientKey(), subject())],
  [
    'token for somebody else',
    TOKEN,
    () => certificateRequest(token({ aud: 'other' }), clientKey(), subject()),
  ],
  [
    'token of another issuer',
    TOKEN,
    () => certificateRequest(token({ iss: 'https://x.test' }), clientKey(), subject()),
  ],
  [
    'token that another key signed',
    TOKEN,
    () =>
      certificateRequest(
        sandbox.authorities.issuer.mint('sigstore', { privateKey: stranger }),
        clientKey(),
        subject(),
      ),
  ],
  ['proof over another name', PROOF, () => certificateRequest(token(), clientKey(), 'repo:x')],
  [
    'proof by another key',
    PROOF,
    () => ({
      ...certificateRequest(token(), clientKey(), subject()),
      publicKeyRequest: {
        ...certificateRequest(token(), clientKey(), subject()).publicKeyRequest,
        proofOfPossession: Buffer.from(clientKey().sign(subject())).toString('base64'),
      },
    }),
  ],
  [
    'no key',
    'The public key supplied in the request could not be parsed',
    () => ({ credentials: { oidcIdentityToken: token() } }),
  ],
  [
    'nonsense for a signing request',
    'The certificate signing request could not be parsed',
    () => ({ credentials: { oidcIdentityToken: token() }, certificateSigningRequest: 'AAAA' }),
  ],
  [
    'missing claim',
    `value <runner_environment> not present in either claims or defaults. {\n\t"ExtensionName": "RunnerEnvironment",\n\t"Issuer": "${GITHUB_ISSUER}"\n}`,
    () => certificateRequest(token({ runner_environment: undefined }), clientKey(), subject()),
  ],
  [
    'curve that is not enabled',
    'The public key supplied in the request could not be parsed',
    () => certificateRequest(token(), clientKey('secp256k1'), subject()),
  ],
]

suite('Fulcio refuses with 400, code 3 and its own text', () => {
  for (const [title, message, request] of REFUSED) {
    test(title, async () => {
      const answer = await post(url(), request())
      assert.equal(answer.status, 400)
      assert.deepEqual(JSON.parse(answer.text), { code: 3, message, details: [] })
    })
  }
})
