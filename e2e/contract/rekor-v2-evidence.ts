import { equalBytes } from '../../src/core/bytes.ts'
import { parsePublicKey } from '../../src/core/public-key.ts'
import type { HttpRequest, HttpResponse } from '../../src/ports.ts'
import { artifactOfDigests } from '../../src/sigstore/artifact.ts'
import { verifyCheckpoint } from '../../src/sigstore/inclusion.ts'
import type { Signed } from '../../src/sigstore/log-body.ts'
import type { LogEntry } from '../../src/sigstore/log-entry.ts'
import { parseEntryV2 } from '../../src/sigstore/rekor-v2.ts'
import { requestInclusion } from '../../src/sigstore/rekor-v2-read.ts'
import type { Context, Relation } from './case.ts'
import { type Answer, httpResponse, postJson, send, type Target, textOf } from './exchange.ts'
import { sha256 } from './material.ts'
import { logAt, signedMessage, verifyEntry } from './rekor-evidence.ts'
import { byKey, own, url } from './rekor-v2-requests.ts'

const entryOf = (answer: Answer): LogEntry => parseEntryV2(httpResponse(answer))

/** Rekor v2 signs no time. */
const holdsWithoutTime = (context: Context, name: string, signed: Signed): boolean =>
  verifyEntry(context, entryOf(context.recall(name)), signed).time === undefined

function signedByKey(text: string, signature: Uint8Array): Signed {
  const digest = sha256(Buffer.from(text))
  return {
    publicKey: parsePublicKey(own.spki, 'INTERNAL'),
    content: { kind: 'message', digest: { hash: 'sha256', value: digest }, signature },
    signedBytes: artifactOfDigests({ sha256: digest }),
  }
}

/** ECDSA signatures differ each time: the one that was sent is in the entry. */
function signatureIn({ body }: LogEntry): Uint8Array {
  const { spec } = JSON.parse(Buffer.from(body).toString('utf8'))
  return new Uint8Array(Buffer.from(spec.hashedRekordV002.signature.content, 'base64'))
}

/** Our reader knows the log by the address where entries are written. */
const reading =
  ({ rekorV2Read }: Target) =>
  async ({ url: { pathname } }: HttpRequest): Promise<HttpResponse> =>
    httpResponse(await send({ url: `${rekorV2Read}${pathname.replace('/api/v2', '')}` }))

async function verifyTiles(context: Context): Promise<boolean> {
  const { recall, target, material } = context
  const { logIndex, body } = entryOf(recall('a signature by digest'))
  const sought = { index: logIndex, body, logs: [logAt(target.trust, target.rekorV2)] }
  const found = await requestInclusion(reading(target), new URL(target.rekorV2), sought)
  return verifyEntry(context, found, signedMessage(material)).entry.index === logIndex
}

/** C2SP tlog-tiles: each entry with its length in two bytes before it. */
function holdsEntry({ recall }: Context): boolean {
  const { logIndex, body } = entryOf(recall('a signature by digest'))
  let rest = Buffer.from(recall('the tile of entries').body)
  for (let i = 0n; i < logIndex; i += 1n) rest = rest.subarray(2 + rest.readUInt16BE())
  return equalBytes(new Uint8Array(rest.subarray(2, 2 + rest.readUInt16BE())), body)
}

const WRITES = 8

/** Written at once, they are answered at the next publication, whose checkpoint is theirs together: not one for each. */
async function sharesCheckpoints({ target }: Context): Promise<boolean> {
  const texts = Array.from({ length: WRITES }, (_, i) => `at once ${i}`)
  const answers = await Promise.all(texts.map((text) => send(postJson(url(target), byKey(text)))))
  const entries = answers.map(entryOf)
  const sizes = new Set(entries.map(({ proof }) => proof?.treeSize))
  const isCovered = entries.every(({ logIndex, proof }) => proof !== undefined && logIndex < proof.treeSize)
  return isCovered && sizes.size < WRITES
}

/** Of the shortest interval that any target here publishes at. A lower bound cannot be missed by a slow machine. */
const INTERVAL = 100

/** One after the other, each waits for a publication of its own. The first of them may find one about to come. */
async function waitsForPublication({ target }: Context): Promise<boolean> {
  const began = performance.now()
  for (const text of ['first', 'second', 'third', 'fourth']) {
    entryOf(await send(postJson(url(target), byKey(`${text} alone`))))
  }
  return performance.now() - began >= 2 * INTERVAL
}

export const REKOR_V2_EVIDENCE: readonly Relation[] = [
  {
    name: 'a signature: body, proof and checkpoint hold before the trusted root',
    holds: (context) => holdsWithoutTime(context, 'a signature by digest', signedMessage(context.material)),
  },
  {
    name: 'a signature by a key: body, proof and checkpoint hold before the trusted root',
    holds: (context) => {
      const signature = signatureIn(entryOf(context.recall('by a public key')))
      return holdsWithoutTime(context, 'by a public key', signedByKey('a text', signature))
    },
  },
  {
    name: 'the checkpoint that readers see is signed by the log',
    holds: ({ recall, target }) => {
      const log = logAt(target.trust, target.rekorV2)
      return verifyCheckpoint(textOf(recall('the checkpoint')), log, 2).size > 0n
    },
  },
  { name: 'the tiles prove the entry before the trusted root', holds: verifyTiles },
  { name: 'the tile of entries holds the entry at its index', holds: holdsEntry },
  { name: 'entries written at once share checkpoints', holds: sharesCheckpoints },
  { name: 'a write is answered at the next publication, and not before', holds: waitsForPublication },
]
