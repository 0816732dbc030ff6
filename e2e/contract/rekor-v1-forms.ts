import { apiError, type Case, ok } from './case.ts'
import { postJson } from './exchange.ts'
import { entry, hashedRekordBody, LOGGED } from './rekor-v1-answers.ts'
import { ENTRIES, edited, entryOf, getting, hashedRekord, posting, signedText } from './rekor-v1-entries.ts'
import type { Shape } from './shape.ts'

const KEY = '/api/v1/log/publicKey'

/** A good entry of its own with other headers. */
const sent = (text: string, headers: Readonly<Record<string, string>>, path: string = ENTRIES): Case['ask'] =>
  posting(() => hashedRekord(signedText(text)), headers, path)

const accepting =
  (path: string, accept: string): Case['ask'] =>
  (context) => ({ ...getting(path)(context), headers: { accept } })

const retrieving =
  (headers: Readonly<Record<string, string>>): Case['ask'] =>
  ({ target, recall }) => {
    const { logIndex } = entryOf(recall('a signature by digest'))
    return postJson(`${target.rekorV1}${ENTRIES}/retrieve`, { logIndexes: [logIndex] }, headers)
  }

const RETRIEVED = ok([{ '<hex>': entry(hashedRekordBody()) }])
const keyAs = (type: string): Shape => ({ status: 200, type, body: '<PEM>' })
const unread = (type: string, why: string): Shape =>
  apiError(400, `parsing Content-Type header from ${JSON.stringify(type)} failed, because ${why}`)

const JSON_TYPE = 'application/json'

/** What go-openapi makes of headers and paths, and what stands behind the JSON. */
export const REKOR_V1_FORMS: readonly Case[] = [
  {
    name: 'a write that accepts text',
    ask: sent('accepting text', { 'content-type': JSON_TYPE, accept: 'text/plain' }),
    answer: { ...LOGGED, type: '' },
  },
  {
    name: 'a write that accepts XML, or JSON if it must',
    ask: sent('accepting XML', {
      'content-type': JSON_TYPE,
      accept: 'application/xml, application/json;q=0.1',
    }),
    answer: LOGGED,
  },
  {
    name: 'a bad write that accepts text',
    ask: posting(() => ({}), { 'content-type': JSON_TYPE, accept: 'text/plain' }),
    answer: apiError(422, 'kind in body is required', 602),
  },
  {
    name: 'a content type in capitals',
    ask: sent('capital type', { 'content-type': 'APPLICATION/JSON' }),
    answer: LOGGED,
  },
  {
    name: 'a content type with a parameter',
    ask: sent('parameter', { 'content-type': 'application/json; charset=utf-8' }),
    answer: LOGGED,
  },
  {
    name: 'text with a parameter for a content type',
    ask: sent('text parameter', { 'content-type': 'text/plain; charset=utf-8' }),
    answer: apiError(415, 'unsupported media type "text/plain", only [application/json] are allowed'),
  },
  {
    name: 'an empty content type',
    ask: sent('empty type', { 'content-type': '' }),
    answer: apiError(
      415,
      'unsupported media type "application/octet-stream", only [application/json] are allowed',
    ),
  },
  {
    name: 'nonsense for a content type',
    ask: sent('nonsense', { 'content-type': 'nonsense' }),
    answer: unread('nonsense', 'mediatype: malformed: "nonsense" has no subtype'),
  },
  {
    name: 'half a content type',
    ask: sent('half', { 'content-type': 'nonsense/' }),
    answer: unread('nonsense/', 'mime: expected token after slash'),
  },
  {
    name: 'half a parameter of a content type',
    ask: sent('half a parameter', { 'content-type': 'application/json;charset' }),
    answer: unread('application/json;charset', 'mime: invalid media parameter'),
  },
  {
    name: 'a member twice, of which the last counts',
    ask: edited(() => hashedRekord(signedText('twice')), '"kind"', '"kind":"nothing","kind"'),
    answer: LOGGED,
  },
  {
    name: 'more behind the JSON',
    ask: posting(() => `${JSON.stringify(hashedRekord(signedText('more behind')))}{}`),
    answer: LOGGED,
    stricter: apiError(500, 'unexpected EOF'),
  },
  {
    name: 'a write to a path with a slash at its end and a query',
    ask: sent('slash', { 'content-type': JSON_TYPE }, `${ENTRIES}/?x=1`),
    answer: { ...LOGGED, headers: { ...LOGGED.headers, location: '/api/v1/log/entries//<hex>?x=1' } },
  },
  {
    name: 'the key, with a slash at the end',
    ask: getting(`${KEY}/`),
    answer: keyAs('application/x-pem-file'),
  },
  {
    name: 'the key, with two slashes',
    ask: getting('/api/v1//log/publicKey'),
    answer: keyAs('application/x-pem-file'),
  },
  { name: 'the key as JSON', ask: accepting(KEY, 'application/json;q=0.5'), answer: keyAs(JSON_TYPE) },
  {
    name: 'the key as anything that is an application',
    ask: accepting(KEY, 'application/*'),
    answer: keyAs('application/x-pem-file'),
  },
  {
    name: 'the key, rather as JSON',
    ask: accepting(KEY, 'application/x-pem-file;q=0.1, application/json'),
    answer: keyAs(JSON_TYPE),
  },
  {
    name: 'the key as text',
    ask: accepting(KEY, 'text/plain'),
    answer: apiError(
      406,
      'unsupported media type requested, only [application/json application/x-pem-file] are available',
    ),
  },
  {
    name: 'a proof as PEM',
    ask: accepting('/api/v1/log/proof?lastSize=2', 'application/x-pem-file'),
    answer: apiError(406, 'unsupported media type requested, only [application/json] are available'),
  },
  {
    name: 'several entries, as text',
    ask: retrieving({ 'content-type': JSON_TYPE, accept: 'text/plain' }),
    answer: { ...RETRIEVED, type: '' },
  },
  {
    name: 'several entries, by a content type in capitals',
    ask: retrieving({ 'content-type': 'APPLICATION/JSON' }),
    answer: RETRIEVED,
  },
  {
    name: 'several entries, by nonsense for a content type',
    ask: retrieving({ 'content-type': 'nonsense' }),
    answer: unread('nonsense', 'mediatype: malformed: "nonsense" has no subtype'),
  },
]
