import { type Case, ok, type Relation, type Suite } from './case.ts'
import { type Answer, type Ask, type Target, textOf } from './exchange.ts'

const token = (target: Target, query: string, headers: Readonly<Record<string, string>>): Ask => ({
  url: `${target.tokenUrl}${query}`,
  headers,
})
const bearer = ({ requestToken }: Target): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${requestToken}`,
  accept: 'application/json',
})

const CASES: readonly Case[] = [
  {
    name: 'discovery',
    ask: ({ target }) => ({ url: `${target.issuer}/.well-known/openid-configuration` }),
    answer: ok({
      issuer: '<issuer>',
      jwks_uri: '<server>/.well-known/jwks',
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    }),
  },
  {
    name: 'the keys',
    ask: ({ target }) => ({ url: `${target.issuer}/.well-known/jwks` }),
    answer: ok({ keys: [{ kty: 'RSA', n: '<base64>', e: 'AQAB', kid: '<uuid>', alg: 'RS256', use: 'sig' }] }),
  },
  {
    name: 'an unknown path',
    ask: ({ target }) => ({ url: `${target.issuer}/.well-known/nothing` }),
    answer: { status: 404, type: 'application/json', body: { code: 5, message: 'Not Found', details: [] } },
  },
  {
    name: 'a token',
    ask: ({ target }) => token(target, '&audience=sigstore', bearer(target)),
    answer: ok({ count: '<number>', value: '<token>' }),
  },
  {
    name: 'a token for the owner',
    ask: ({ target }) => token(target, '', bearer(target)),
    answer: ok({ count: '<number>', value: '<token>' }),
  },
  {
    name: 'a token without the password',
    ask: ({ target }) => token(target, '&audience=sigstore', {}),
    answer: { status: 401, type: 'application/json', body: { message: 'Unauthorized' } },
  },
  {
    name: 'a token with another password',
    ask: ({ target }) => token(target, '&audience=sigstore', { authorization: 'Bearer nonsense' }),
    answer: { status: 401, type: 'application/json', body: { message: 'Unauthorized' } },
  },
  {
    name: 'a token by POST',
    ask: ({ target }) => ({
      ...token(target, '&audience=sigstore', bearer(target)),
      method: 'POST',
      body: '',
    }),
    answer: { status: 405, type: '', body: '' },
  },
]

function claimsOf(answer: Answer): Readonly<Record<string, unknown>> {
  const { value } = JSON.parse(textOf(answer))
  return JSON.parse(Buffer.from(String(value).split('.')[1] ?? '', 'base64url').toString('utf8'))
}

const RELATIONS: readonly Relation[] = [
  {
    name: 'a token is for whom it was asked for, and lives five minutes',
    holds: ({ recall }) => {
      const { aud, iat, exp } = claimsOf(recall('a token'))
      return aud === 'sigstore' && Number(exp) - Number(iat) === 300
    },
  },
  {
    name: 'a token for nobody in particular is for the owner',
    holds: ({ recall }) => {
      const { aud, repository_owner: owner } = claimsOf(recall('a token for the owner'))
      return aud === `https://github.com/${owner}`
    },
  },
]

export const ISSUER: Suite = {
  service: 'issuer',
  standIn: true,
  prepare: [],
  cases: CASES,
  relations: RELATIONS,
}
