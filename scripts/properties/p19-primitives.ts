import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { ecdsaMatchesDigest } from '../../src/core/ecdsa.ts'
import { parsePublicKey, signatureMatches, signatureMatchesDigest } from '../../src/core/public-key.ts'
import { type Property, type Result, startRandom, startTally, sum, type Tally } from './property.ts'
import { EDGES } from './signature-edges.ts'

const CURVES = [
  ['P-256', 'sha256'],
  ['P-384', 'sha384'],
  ['P-521', 'sha512'],
] as const

/** SEC 2, the orders of P-256 and P-384. */
const ORDERS = [
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
] as const

const EDGE_ROUNDS = 20

/** The two numbers, without the encoding. */
function numbersOf(signature: Uint8Array): readonly [bigint, bigint] {
  const half = signature.length / 2
  const [r = 0n, s = 0n] = [signature.subarray(0, half), signature.subarray(half)].map((part) =>
    BigInt(`0x${Buffer.from(part).toString('hex')}`),
  )
  return [r, s]
}

/** Every encoding at the edge, by bytes and by digest: what is none must be refused by both. */
function checkEdges(tally: Tally): void {
  for (const [i, n] of ORDERS.entries()) {
    const [curve, name] = CURVES[i] ?? CURVES[0]
    for (let round = 0; round < EDGE_ROUNDS; round += 1) {
      const pair = generateKeyPairSync('ec', { namedCurve: curve })
      const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }), 'CERT_KEY')
      const data = randomBytes(100)
      const [r, s] = numbersOf(sign(name, data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }))
      for (const { what, sound, encode } of EDGES) {
        const signature = encode(r, s, n)
        const byNode = signatureMatches(key, name, data, signature)
        const byDigest = signatureMatchesDigest(key, name, hash(name, data, 'buffer'), signature)
        tally.check(byNode === sound && byDigest === sound, `${curve}, ${what}: ${byNode}, ${byDigest}`)
      }
    }
  }
}

/** A sound signature, one with a flipped bit, one over something else: each engine must say the same of each. */
function compareEngines({ seed, rounds }: Share): Result {
  const tally = startTally()
  const random = startRandom(seed)
  for (let i = 0; i < rounds; i += 1) {
    const [curve, name] = CURVES[i % 50 === 0 ? 1 : i % 100 === 1 ? 2 : 0]
    const pair = generateKeyPairSync('ec', { namedCurve: curve })
    const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }), 'CERT_KEY')
    if (key.type !== 'ecdsa') throw new Error('no ECDSA key')
    const data = randomBytes(random.below(200))
    const good = sign(name, data, pair.privateKey)
    const flipped = Buffer.from(good)
    const at = random.below(flipped.length)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
    for (const [signature, over, sound] of [
      [good, data, true],
      [flipped, data, false],
      [good, Buffer.concat([data, Buffer.of(0)]), false],
    ] as const) {
      const byNode = signatureMatches(key, name, over, signature)
      const byNoble = ecdsaMatchesDigest(curve, key.point, hash(name, over, 'buffer'), signature)
      tally.check(
        byNode === sound && byNoble === sound,
        `round ${i} of ${seed}, ${curve}, ${sound ? 'sound' : 'wrong'}: node ${byNode}, noble ${byNoble}`,
      )
    }
  }
  return tally.result('')
}

/** What one thread compares. */
interface Share {
  readonly seed: number
  readonly rounds: number
}

async function compareInThread(share: Share): Promise<Result> {
  const thread = new Worker(import.meta.filename, { workerData: share })
  const [result] = await once(thread, 'message')
  return result
}

if (!isMainThread) parentPort?.postMessage(compareEngines(workerData))

export const property: Property = {
  number: 19,
  title: 'Primitives are right',
  measure: async ({ full }) => {
    const edges = startTally()
    checkEdges(edges)
    const threads = availableParallelism()
    const rounds = Math.ceil((full ? 333_334 : 33_334) / threads)
    const shares = Array.from({ length: threads }, (_, i) => compareInThread({ seed: 19 + i, rounds }))
    return sum([
      edges.result(
        `${EDGES.length} encodings at the edge on two curves, ${EDGE_ROUNDS} keys each; ${3 * rounds * threads} random ` +
          'signatures, sound and wrong: node and noble agree with the truth',
      ),
      ...(await Promise.all(shares)),
    ])
  },
}
