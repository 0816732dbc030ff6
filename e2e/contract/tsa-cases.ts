import {
  encodeDer,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/der-encode.ts'
import { parseTimestampResponse } from '../../src/core/timestamp-token.ts'
import { verifyTimestamps } from '../../src/sigstore/timestamp-verify.ts'
import type { Case, Context, Relation, Suite } from './case.ts'
import { isAtOnce, isDuring } from './exchange.ts'
import { TSA_FORMS } from './tsa-forms.ts'
import {
  asking,
  CERTIFICATE,
  digest,
  GOOD,
  HEADERS,
  NONCE,
  OIDS,
  query,
  refused,
  timestamp,
} from './tsa-requests.ts'

const CASES: readonly Case[] = [
  { name: 'a timestamp with the certificate', ask: asking(GOOD), answer: timestamp() },
  {
    name: 'a timestamp without the certificate',
    ask: asking(query('sha256', digest('sha256'), NONCE)),
    answer: timestamp({ certificate: false }),
  },
  {
    name: 'a timestamp without a nonce',
    ask: asking(query('sha256', digest('sha256'), CERTIFICATE)),
    answer: timestamp({ nonce: false }),
  },
  {
    name: 'SHA-384',
    ask: asking(query('sha384', digest('sha384'), NONCE, CERTIFICATE)),
    answer: timestamp({ hash: 'sha384' }),
  },
  {
    name: 'SHA-512',
    ask: asking(query('sha512', digest('sha512'), NONCE, CERTIFICATE)),
    answer: timestamp({ hash: 'sha512' }),
  },
  {
    name: 'a policy',
    ask: asking(query('sha256', digest('sha256'), encodeOid('1.2.3.4'), NONCE)),
    answer: refused('unaccepted policy: requested TSA policy is not supported by the TSA'),
  },
  {
    name: 'JSON accepted',
    ask: asking(GOOD, { ...HEADERS, accept: 'application/json' }),
    answer: { status: 500, type: 'application/json', body: '' },
  },
  { name: 'anything accepted', ask: asking(GOOD, { ...HEADERS, accept: '*/*' }), answer: timestamp() },
  {
    name: 'nothing said about what is accepted',
    ask: asking(GOOD, { 'content-type': 'application/timestamp-query' }),
    answer: timestamp(),
  },
  {
    name: 'text accepted',
    ask: asking(GOOD, { ...HEADERS, accept: 'text/plain' }),
    answer: { status: 500, type: '', body: '' },
  },
  {
    name: 'SHA-1',
    ask: asking(query('sha1', digest('sha1'), NONCE)),
    answer: refused('Weak hash algorithm in timestamp request'),
  },
  {
    name: 'a digest that is too short',
    ask: asking(query('sha256', digest('sha256').slice(1))),
    answer: refused('Message digest has incorrect length for specified algorithm'),
  },
  {
    name: 'bytes that are no DER',
    ask: asking('nonsense'),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'DER that is cut off',
    ask: asking(GOOD.slice(0, -4)),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'DER with bytes behind it',
    ask: asking(Buffer.concat([GOOD, Buffer.from([0])])),
    answer: refused('Error generating timestamp response'),
  },
  {
    name: 'another version',
    ask: asking(
      encodeSequence(
        encodeInteger(2n),
        encodeSequence(
          encodeSequence(encodeOid(OIDS.sha256), encodeNull()),
          encodeOctetString(digest('sha256')),
        ),
      ),
    ),
    answer: timestamp({ certificate: false, nonce: false }),
  },
  {
    name: 'an extension',
    ask: asking(
      query(
        'sha256',
        digest('sha256'),
        encodeDer(0xa0, encodeSequence(encodeOid('1.2.3.4'), encodeOctetString(encodeNull()))),
      ),
    ),
    answer: refused('unaccepted extension: requested extensions are not supported by the TSA'),
  },
  ...TSA_FORMS,
]

const SIGNED = ['a timestamp with the certificate', 'SHA-384', 'SHA-512', 'a question in JSON'] as const

const RELATIONS: readonly Relation[] = [
  ...SIGNED.map((name) => ({
    name: `${name}: it is signed by the authority of the trusted root, now`,
    holds: ({ recall, target }: Context) => {
      const answer = recall(name)
      const authorities = target.trust.timestampAuthorities
      const times = verifyTimestamps([answer.body], Buffer.from('a signature'), authorities, Date.now())
      return times.length === 1 && times.every(({ at }) => isDuring(answer, at))
    },
  })),
  { name: 'a timestamp is given at once', holds: ({ recall }) => isAtOnce(SIGNED.map(recall)) },
  {
    name: 'a timestamp says now, and what was asked',
    holds: ({ recall }) => {
      const { genTime, nonce, imprint } = parseTimestampResponse(
        recall('a timestamp with the certificate').body,
      )
      const isNow = Math.abs(Date.now() - genTime) < 120_000
      return isNow && nonce === 12345678901234567890n && imprint.hash === 'sha256'
    },
  },
]

export const TSA: Suite = { service: 'timestamp authority', prepare: [], cases: CASES, relations: RELATIONS }
