import { apiError, type Case, ok, type Relation, type Suite } from './case.ts'
import { postJson, textOf } from './exchange.ts'
import { entry, FOUND, hashedRekordBody, ONE_TREE, TREE } from './rekor-v1-answers.ts'
import { ENTRIES, entryOf, getEntry, getting, hashedRekord, posting, signedText } from './rekor-v1-entries.ts'
import { REKOR_V1_EVIDENCE } from './rekor-v1-evidence.ts'
import { REKOR_V1_FORMS } from './rekor-v1-forms.ts'
import { AGAIN, WRITES } from './rekor-v1-writes.ts'

const READS: readonly Case[] = [
  {
    name: 'an entry by its index',
    ask: getEntry((_, index) => `${ENTRIES}?logIndex=${index}`),
    answer: FOUND,
  },
  { name: 'an entry by its id', ask: getEntry((uuid) => `${ENTRIES}/${uuid}`), answer: FOUND },
  {
    name: 'an entry by the hash of its leaf',
    ask: getEntry((uuid) => `${ENTRIES}/${uuid.slice(16)}`),
    answer: FOUND,
  },
  {
    name: 'an entry by its id, with a text for accept',
    ask: (context) => ({
      ...getEntry((uuid) => `${ENTRIES}/${uuid}`)(context),
      headers: { accept: 'text/plain' },
    }),
    answer: apiError(406, 'unsupported media type requested, only [application/json] are available'),
  },
  {
    name: 'an index beyond the log',
    ask: getting(`${ENTRIES}?logIndex=99999999`),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a negative index',
    ask: getting(`${ENTRIES}?logIndex=-1`),
    answer: apiError(422, 'logIndex in query should be greater than or equal to 0', 609),
  },
  {
    name: 'a word for an index',
    ask: getting(`${ENTRIES}?logIndex=one`),
    answer: apiError(422, 'logIndex in query must be of type int64: "one"', 601),
  },
  { name: 'no index', ask: getting(ENTRIES), answer: apiError(422, 'logIndex in query is required', 602) },
  {
    name: 'an id of nothing',
    ask: getEntry((uuid) => `${ENTRIES}/${uuid.slice(0, 16)}${'0'.repeat(64)}`),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a leaf hash of nothing',
    ask: getting(`${ENTRIES}/${'0'.repeat(64)}`),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'an id of another tree',
    ask: getting(`${ENTRIES}/${'7'.padStart(16, '0')}${'0'.repeat(64)}`),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a malformed id',
    ask: getting(`${ENTRIES}/nothing`),
    answer: apiError(422, "entryUUID in path should match '^([0-9a-fA-F]{64}|[0-9a-fA-F]{80})$'", 605),
  },
  {
    name: 'the log',
    ask: getting('/api/v1/log'),
    answer: ok({ ...TREE, inactiveShards: [TREE] }),
    limit: ONE_TREE,
  },
  {
    name: 'a proof between sizes',
    ask: getting('/api/v1/log/proof?firstSize=1&lastSize=3'),
    answer: ok({ hashes: ['<hex>'], rootHash: '<hex>' }),
  },
  {
    name: 'a proof from the beginning',
    ask: getting('/api/v1/log/proof?lastSize=2'),
    answer: ok({ hashes: ['<hex>'], rootHash: '<hex>' }),
  },
  {
    name: 'a proof between sizes in the wrong order',
    ask: getting('/api/v1/log/proof?firstSize=3&lastSize=2'),
    answer: apiError(400, 'firstSize(3) must be less than lastSize(2)'),
  },
  {
    name: 'a proof beyond the log',
    ask: getting('/api/v1/log/proof?firstSize=1&lastSize=99999'),
    answer: apiError(
      400,
      'the tree size requested(99999) was greater than what is currently observable(<number>)',
    ),
  },
  {
    name: 'a proof without a size',
    ask: getting('/api/v1/log/proof'),
    answer: apiError(422, 'lastSize in query is required', 602),
  },
  {
    name: 'a proof from size 0',
    ask: getting('/api/v1/log/proof?firstSize=0&lastSize=2'),
    answer: apiError(422, 'firstSize in query should be greater than or equal to 1', 609),
  },
  {
    name: 'a proof of an unknown tree',
    ask: getting('/api/v1/log/proof?firstSize=1&lastSize=2&treeID=7'),
    answer: apiError(400, 'no log range found for tree ID 7'),
  },
  {
    name: 'the key',
    ask: getting('/api/v1/log/publicKey'),
    answer: { status: 200, type: 'application/x-pem-file', body: '<PEM>' },
  },
  {
    name: 'several entries at once',
    ask: ({ target, recall }) =>
      postJson(`${target.rekorV1}${ENTRIES}/retrieve`, {
        logIndexes: [entryOf(recall('a signature by digest')).logIndex],
      }),
    answer: ok([{ '<hex>': entry(hashedRekordBody()) }]),
  },
  {
    name: 'eleven entries at once',
    ask: ({ target }) =>
      postJson(`${target.rekorV1}${ENTRIES}/retrieve`, {
        logIndexes: Array.from({ length: 11 }, (_, i) => i),
      }),
    answer: apiError(422, 'logIndexes in body should have at most 10 items', 611),
  },
  {
    name: 'an entry that is not there, among several',
    ask: ({ target }) => postJson(`${target.rekorV1}${ENTRIES}/retrieve`, { logIndexes: [99999999] }),
    answer: ok([]),
  },
  {
    name: 'nothing at once',
    ask: ({ target }) => postJson(`${target.rekorV1}${ENTRIES}/retrieve`, {}),
    answer: ok([]),
  },
  {
    name: 'DELETE',
    ask: ({ target }) => ({ method: 'DELETE', url: `${target.rekorV1}${ENTRIES}` }),
    answer: {
      ...apiError(405, 'method DELETE is not allowed, but [GET,POST] are'),
      headers: { allow: 'GET,POST' },
    },
  },
  {
    name: 'an unknown path',
    ask: getting('/api/v1/nothing'),
    answer: apiError(404, 'path /api/v1/nothing was not found'),
  },
  { name: 'ping', ask: getting('/ping'), answer: { status: 200, type: 'text/plain', body: '.' } },
]

const treeSize = (checkpoint: string): number => Number(checkpoint.split('\n')[1])

const RELATIONS: readonly Relation[] = [
  {
    name: 'an entry is in the tree that its proof is for',
    holds: ({ recall }) => {
      const {
        checkpoint,
        logIndex,
        treeSize: size,
      } = entryOf(recall('a signature by digest')).verification.inclusionProof
      return logIndex < size && treeSize(checkpoint) === size
    },
  },
  {
    name: 'entries follow each other',
    holds: ({ recall }) =>
      entryOf(recall('a signature by digest')).logIndex < entryOf(recall('an attestation')).logIndex,
  },
  {
    name: 'the log has grown by all that it answered with',
    holds: ({ recall }) => {
      const { treeSize: size } = JSON.parse(textOf(recall('the log')))
      return size > entryOf(recall('a digest in capitals')).verification.inclusionProof.logIndex
    },
  },
  {
    name: 'an entry was logged when it was sent',
    holds: ({ recall }) =>
      Math.abs(Date.now() / 1000 - entryOf(recall('a signature by digest')).integratedTime) < 120,
  },
]

const prepare = ['one', 'two'].map((text) => posting(() => hashedRekord(signedText(text))))

export const REKOR_V1: Suite = {
  service: 'Rekor v1',
  prepare,
  cases: [...WRITES, ...READS, ...REKOR_V1_FORMS, ...AGAIN],
  relations: [...RELATIONS, ...REKOR_V1_EVIDENCE],
}
