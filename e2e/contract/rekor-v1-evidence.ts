import { isDeepStrictEqual } from 'node:util'
import { verifyConsistency } from '../../src/core/merkle.ts'
import { verifyCheckpoint } from '../../src/sigstore/inclusion.ts'
import type { Signed } from '../../src/sigstore/log-body.ts'
import { parseEntryV1 } from '../../src/sigstore/rekor-v1-entry.ts'
import type { Context, Relation } from './case.ts'
import { type Answer, httpResponse, isAtOnce, isDuring, postJson, send, textOf } from './exchange.ts'
import { logAt, signedEnvelope, signedMessage, verifyEntry } from './rekor-evidence.ts'
import { ENTRIES, hashedRekord, signedText } from './rekor-v1-entries.ts'

/** Body, promise, proof and checkpoint hold, and the log gave the time at which it answered. */
function verifyLogged(context: Context, name: string, signed: Signed): boolean {
  const answer = context.recall(name)
  const { time } = verifyEntry(context, parseEntryV1(httpResponse(answer)).entry, signed)
  return time !== undefined && isDuring(answer, time.at)
}

/** What was logged before is told again: only the tree may have grown. */
function isSameEntry(context: Context, name: string): boolean {
  const { uuid, entry } = parseEntryV1(httpResponse(context.recall(name)))
  const first = parseEntryV1(httpResponse(context.recall('a signature by digest')))
  verifyEntry(context, entry, signedMessage(context.material))
  const { proof: _, promise: __, ...rest } = entry
  const { proof: ___, promise: ____, ...firstRest } = first.entry
  return uuid.slice(-64) === first.uuid.slice(-64) && isDeepStrictEqual(rest, firstRest)
}

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** The tree head that the log signed is the one that it tells. */
function isSignedHead({ recall, target }: Context): boolean {
  const { rootHash, treeSize, treeID, signedTreeHead } = JSON.parse(textOf(recall('the log')))
  const { size, root, origin } = verifyCheckpoint(signedTreeHead, logAt(target.trust, target.rekorV1), 1)
  return (
    Number(size) === treeSize && isDeepStrictEqual(root, fromHex(rootHash)) && origin.endsWith(` - ${treeID}`)
  )
}

interface Head {
  readonly treeSize: number
  readonly rootHash: string
}

/** From the tree of the first entry to the tree of the log. */
async function isConsistent({ recall, target }: Context): Promise<boolean> {
  const { proof } = parseEntryV1(httpResponse(recall('a signature by digest'))).entry
  const { treeSize, rootHash }: Head = JSON.parse(textOf(recall('the log')))
  if (proof === undefined) return false
  const query = `firstSize=${proof.treeSize}&lastSize=${treeSize}`
  const { hashes } = JSON.parse(textOf(await send({ url: `${target.rekorV1}/api/v1/log/proof?${query}` })))
  verifyConsistency({
    size1: proof.treeSize,
    root1: proof.rootHash,
    size2: BigInt(treeSize),
    root2: fromHex(rootHash),
    hashes: hashes.map(fromHex),
  })
  return proof.treeSize < BigInt(treeSize)
}

/** Its answer to a write is about the tree that ends in that entry: it collects none and waits for none. */
async function answersEach({ target }: Context): Promise<boolean> {
  const ends: boolean[] = []
  const answers: Answer[] = []
  for (const text of ['first', 'second', 'third', 'fourth']) {
    const sent = await send(
      postJson(`${target.rekorV1}${ENTRIES}`, hashedRekord(signedText(`${text} alone`))),
    )
    const { proof } = parseEntryV1(httpResponse(sent)).entry
    answers.push(sent)
    ends.push(proof !== undefined && proof.treeSize === proof.logIndex + 1n)
  }
  return ends.every(Boolean) && isAtOnce(answers)
}

export const REKOR_V1_EVIDENCE: readonly Relation[] = [
  {
    name: 'a signature: body, promise, proof, checkpoint and time hold before the trusted root',
    holds: (context) => verifyLogged(context, 'a signature by digest', signedMessage(context.material)),
  },
  {
    name: 'an attestation: body, promise, proof, checkpoint and time hold before the trusted root',
    holds: (context) => verifyLogged(context, 'an attestation', signedEnvelope(context.material)),
  },
  ...['an entry by its index', 'an entry by its id', 'an entry by the hash of its leaf'].map((name) => ({
    name: `${name} is the one that was logged, and proven`,
    holds: (context: Context) => isSameEntry(context, name),
  })),
  { name: 'the tree head that the log tells is the one that it signed', holds: isSignedHead },
  { name: 'the log only grows: a proof leads from an older tree to the newer', holds: isConsistent },
  { name: 'a write is answered at once, with the tree that ends in it', holds: answersEach },
]
