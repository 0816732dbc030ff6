import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { makeBundle } from '../../sandbox/bundles.ts'
import type { Fault } from '../../sandbox/faults.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { createTsa, type StampOptions } from '../../sandbox/tsa-authority.ts'
import { json, type WebAnswer, type WebRequest } from '../../sandbox/web.ts'
import { parseDer, parseElements, parseInteger } from '../../src/core/der.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { Variables } from './program.ts'
import { writeFiles } from './program.ts'
import { assertRefused } from './refusal.ts'

const YEAR = 365 * 24 * 3_600_000
/** An authority of the same name, with keys of its own. */
const stranger = createTsa({ curve: 'P-256', notBefore: Date.now() - YEAR, notAfter: Date.now() + YEAR })

const flip = (bytes: Uint8Array, at = -1): Uint8Array => bytes.with(at, (bytes.at(at) ?? 0) ^ 1)
const flipBase64 = (text: string): string =>
  Buffer.from(flip(Buffer.from(text, 'base64'), 8)).toString('base64')

type Json = Record<string, unknown>

const parse = (body: string | Uint8Array | undefined): Json => JSON.parse(Buffer.from(body ?? '').toString())

suite('whoever lies about a log entry or a time is refused', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await startSandbox()
  })
  after(() => sandbox.close())
  afterEach(() => {
    sandbox.faults.clear()
    sandbox.requests.clear()
  })

  async function refuse(code: ErrorCode, inputs: Variables = {}): Promise<void> {
    const job = await sandbox.newJob()
    await writeFiles(job, { 'app.bin': 'content' })
    await assertRefused(job, { 'INPUT_SUBJECT-PATH': 'app.bin', ...inputs }, code)
  }

  const lie = (service: 'token' | 'fulcio' | 'rekor-v1' | 'rekor-v2' | 'tsa', change: Change): void => {
    sandbox.faults.add({ service, fault: { kind: 'change', change } })
  }
  type Change = Extract<Fault, { kind: 'change' }>['change']

  /** Logged for a bundle of somebody else, about another artifact. */
  const foreignEntry = (log: 1 | 2) => {
    const { bundle } = makeBundle(sandbox, { artifact: Buffer.from('other') }, { logs: [log] })
    return bundle.verificationMaterial.tlogEntries[0]
  }

  suite('an entry of Rekor v1 that is not the one that was asked for', () => {
    /** The one entry of an answer, changed. */
    const edit =
      (change: (entry: Json, verification: Json, proof: Json) => void): Change =>
      (answer) => {
        const whole = parse(answer.body)
        for (const entry of Object.values(whole) as Json[]) {
          const verification = entry['verification'] as Json
          change(entry, verification, verification['inclusionProof'] as Json)
        }
        return { ...answer, body: JSON.stringify(whole) }
      }
    const promise = (entry: Json): string => {
      const { body, integratedTime, logID, logIndex } = entry
      const fields = {
        body: `${body}`,
        integratedTime: Number(integratedTime),
        logID: `${logID}`,
        logIndex: Number(logIndex),
      }
      return Buffer.from(sandbox.authorities.rekorV1.signPromise(fields)).toString('base64')
    }
    const ROWS: readonly (readonly [string, () => Change, ErrorCode])[] = [
      ['of another artifact', () => () => foreign(), 'TLOG_MISMATCH'],
      [
        'without a promise',
        () => edit((_, verification) => delete verification['signedEntryTimestamp']),
        'TLOG_PROMISE',
      ],
      [
        'with a spoilt promise',
        () =>
          edit((_, v) =>
            Object.assign(v, { signedEntryTimestamp: flipBase64(`${v['signedEntryTimestamp']}`) }),
          ),
        'TLOG_PROMISE',
      ],
      [
        'at another time than promised',
        () => edit((entry) => Object.assign(entry, { integratedTime: Number(entry['integratedTime']) + 1 })),
        'TLOG_PROMISE',
      ],
      [
        'in the future',
        () =>
          edit((entry, verification) => {
            entry['integratedTime'] = Number(entry['integratedTime']) + 3600
            verification['signedEntryTimestamp'] = promise(entry)
          }),
        'TLOG_TIME',
      ],
      [
        'without a proof',
        () => edit((_, verification) => delete verification['inclusionProof']),
        'TLOG_PROOF_MISSING',
      ],
      [
        'with another path to the root',
        () =>
          edit((_, __, proof) =>
            Object.assign(proof, { hashes: (proof['hashes'] as string[]).map(() => 'ab'.repeat(32)) }),
          ),
        'TLOG_PROOF',
      ],
      [
        'with a checkpoint that the log did not sign',
        () =>
          edit((_, __, proof) =>
            Object.assign(proof, {
              checkpoint: `${proof['checkpoint']}`.replace(
                / (\S+)\n$/,
                (__, note: string) => ` ${flipBase64(note)}\n`,
              ),
            }),
          ),
        'TLOG_CHECKPOINT',
      ],
    ]
    /** An entry that is really in the log. */
    const foreign = (): WebAnswer => {
      const { rekorV1 } = sandbox.authorities
      const entry = rekorV1.byIndex(Number(foreignEntry(1)?.logIndex))
      assert.ok(entry)
      return json(201, rekorV1.toRest(entry))
    }
    for (const [title, change, code] of ROWS) {
      test(title, async () => {
        lie('rekor-v1', change())
        await refuse(code, { 'INPUT_REKOR-VERSION': '1' })
      })
    }
    test('said to be there already, and another one', async () => {
      const { rekorV1 } = sandbox.authorities
      const uuid = rekorV1.uuid({ shard: rekorV1.current, index: 0 })
      lie('rekor-v1', (answer, { method }) =>
        method === 'GET' ? answer : { status: 409, headers: { location: `/api/v1/log/entries/${uuid}` } },
      )
      await refuse('TLOG_CONFLICT', { 'INPUT_REKOR-VERSION': '1' })
    })
  })

  suite('an entry of Rekor v2 that is not the one that was asked for', () => {
    const edit =
      (change: (entry: Json, proof: Json) => void): Change =>
      (answer) => {
        const entry = parse(answer.body)
        change(entry, entry['inclusionProof'] as Json)
        return { ...answer, body: JSON.stringify(entry) }
      }
    const ROWS: readonly (readonly [string, () => Change, ErrorCode])[] = [
      ['of somebody else', () => () => json(201, foreignEntry(2)), 'TLOG_MISMATCH'],
      ['without a proof', () => edit((entry) => delete entry['inclusionProof']), 'TLOG_PROOF_MISSING'],
      [
        'with another path to the root',
        () =>
          edit((_, proof) => Object.assign(proof, { hashes: (proof['hashes'] as string[]).map(flipBase64) })),
        'TLOG_PROOF',
      ],
      [
        'with a checkpoint that the log did not sign',
        () =>
          edit((_, proof) => {
            const checkpoint = proof['checkpoint'] as { envelope: string }
            checkpoint.envelope = checkpoint.envelope.replace(
              / (\S+)\n$/,
              (_, note: string) => ` ${flipBase64(note)}\n`,
            )
          }),
        'TLOG_CHECKPOINT',
      ],
      [
        'of a log that nobody knows',
        () =>
          edit((entry) => Object.assign(entry, { logId: { keyId: Buffer.alloc(32).toString('base64') } })),
        'TLOG_UNKNOWN_LOG',
      ],
    ]
    for (const [title, change, code] of ROWS) {
      test(title, async () => {
        lie('rekor-v2', change())
        await refuse(code)
      })
    }
    test('said to be there already, at the place of another', async () => {
      lie('rekor-v2', (answer, { method }) =>
        method === 'GET' ? answer : { status: 409, headers: { 'x-log-index': '0' } },
      )
      await refuse('TLOG_PROOF')
    })
  })

  suite('a timestamp that is not the one that was asked for', () => {
    const ROWS: readonly (readonly [string, () => StampOptions, ErrorCode])[] = [
      ['with another nonce', () => ({ nonce: 1n }), 'TSA_NONCE'],
      ['about something else', () => ({ imprint: new Uint8Array(32) }), 'TSA_IMPRINT'],
      ['by a stranger of the same name', () => ({ signer: stranger.signer }), 'TSA_SIGNER'],
      ['with a spoilt signature', () => ({ change: (bytes) => flip(bytes) }), 'TSA_SIGNER'],
      ['in the future', () => ({ time: Date.now() + 3_600_000 }), 'TSA_TIME'],
      ['from before the certificate', () => ({ time: Date.now() - 3_600_000 }), 'CERT_VALIDITY'],
      ['with fractions of a second', () => ({ timeText: '20260101000000.5Z' }), 'TSA_PARSE'],
      ['that was not granted', () => ({ status: 2 }), 'TSA_REFUSED'],
      ['without signed attributes', () => ({ signedAttributes: 'none' }), 'TSA_PARSE'],
    ]
    for (const [title, change, code] of ROWS) {
      test(title, async () => {
        lie('tsa', (answer, request) => {
          const asked = askedOf(request)
          return {
            ...answer,
            body: sandbox.authorities.tsa.stamp(new Uint8Array(), { ...asked, ...change() }),
          }
        })
        await refuse(code)
      })
    }
  })
})

/** What a TimeStampReq is about. */
function askedOf({ body }: WebRequest): Required<Pick<StampOptions, 'imprint' | 'nonce'>> {
  const elements = (content: Uint8Array) => parseElements(content, 'INTERNAL', 'the request')
  const [, imprint, nonce] = elements(parseDer(body, 'INTERNAL', 'the request').content)
  const [, hashed] = elements(imprint?.content ?? new Uint8Array())
  return { imprint: hashed?.content ?? new Uint8Array(), nonce: parseInteger(nonce, 'INTERNAL', 'the nonce') }
}
