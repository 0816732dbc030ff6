import { equalBytes, parseUtf8 } from '../core/bytes.ts'
import { type Checkpoint, parseCheckpoint } from '../core/checkpoint.ts'
import { hashLeaf, verifyInclusion } from '../core/merkle.ts'
import { type Note, parseNote } from '../core/note.ts'
import { ActionError } from '../errors.ts'
import type { Http, HttpRequest } from '../ports.ts'
import type { LogEntry } from './log-entry.ts'
import { atPath, parseServiceUrl } from './service-url.ts'
import { HASH_BYTES, isFullTile, proofOfTiles, type Tile, tilePath, tilesOfProof } from './tiles.ts'
import type { TrustedLog } from './trusted-root.ts'

/** A log of the trusted root, as far as it is needed to tell whose checkpoint it is. */
export type KnownLog = Pick<TrustedLog, 'baseUrl' | 'names' | 'logId'>

/** An entry that is said to be in a log. */
export interface SoughtEntry {
  readonly index: bigint
  /** The canonical body, whose hash is the leaf. */
  readonly body: Uint8Array
  readonly logs: readonly KnownLog[]
}

const TIMEOUT = 20_000
const MAX_CHECKPOINT = 64 * 1024
const MAX_TILE = 16 * 1024

const readRequest = (base: URL, path: string, maxBytes: number): HttpRequest => ({
  service: 'Rekor',
  method: 'GET',
  url: atPath(base, `/api/v2/${path}`),
  headers: {},
  timeout: TIMEOUT,
  maxBytes,
})

export const checkpointRequest = (base: URL): HttpRequest => readRequest(base, 'checkpoint', MAX_CHECKPOINT)

export const tileRequest = (base: URL, tile: Tile): HttpRequest => readRequest(base, tilePath(tile), MAX_TILE)

/**
 * Where the entry of a log may be read: where it was written, and, if that is no log of its own but one address for
 * several (`global.rekor.…`), at the logs of the trusted root beside it.
 */
export function readBases(base: URL, logs: readonly KnownLog[]): readonly URL[] {
  const places = logs.map(({ baseUrl }) => parseServiceUrl(baseUrl, 'TRUST_INVALID', 'the base URL of a log'))
  if (places.some(({ host }) => host === base.host)) return [base]
  const domain = base.hostname.slice(base.hostname.indexOf('.'))
  const beside = places.filter(({ hostname }) => domain.split('.').length > 2 && hostname.endsWith(domain))
  return [base, ...beside]
}

/**
 * An entry with a proof from the log's tiles (protocol 5.6), held against the log's newest checkpoint, whose signature
 * is the verifier's matter. TLOG_CONFLICT if the log does not show it, TLOG_PROOF if it is not there,
 * TLOG_UNKNOWN_LOG, TLOG_CHECKPOINT, TLOG_RESPONSE.
 */
export async function requestInclusion(http: Http, base: URL, sought: SoughtEntry): Promise<LogEntry> {
  const { index, body, logs } = sought
  const checkpoint = await requestText(http, base)
  const note = parseNote(checkpoint)
  const head = parseCheckpoint(note.text)
  if (index >= head.size) {
    throw new ActionError(
      'TLOG_CONFLICT',
      `the log does not show its entry ${index} yet: it has ${head.size}`,
    )
  }
  const hashes = await requestProof(http, base, index, head.size)
  verifyInclusion({ leafHash: hashLeaf(body), index, size: head.size, hashes, root: head.root })
  return {
    logIndex: index,
    logId: logIdOf(note, head, logs),
    kind: 'hashedrekord',
    version: '0.0.2',
    proof: { logIndex: index, treeSize: head.size, rootHash: head.root, hashes, checkpoint },
    body,
  }
}

async function requestText(http: Http, base: URL): Promise<string> {
  const { status, body } = await http(checkpointRequest(base))
  if (status === 200) return parseUtf8(body, 'TLOG_CHECKPOINT', 'the checkpoint')
  throw new ActionError(
    'TLOG_CONFLICT',
    `Rekor answers ${status} for the checkpoint of the entry that it holds`,
  )
}

async function requestProof(
  http: Http,
  base: URL,
  index: bigint,
  size: bigint,
): Promise<readonly Uint8Array[]> {
  const tiles = await Promise.all(
    tilesOfProof(index, size).map(async (tile): Promise<[string, Uint8Array]> => {
      return [tilePath(tile), await requestTile(http, base, tile)]
    }),
  )
  return proofOfTiles(index, size, new Map(tiles))
}

/** A partial tile may be gone once the full one exists (c2sp.org/tlog-tiles). */
async function requestTile(http: Http, base: URL, tile: Tile): Promise<Uint8Array> {
  const { status, body } = await http(tileRequest(base, tile))
  if (status === 404 && !isFullTile(tile)) return requestTile(http, base, { ...tile, width: 256 })
  if (status !== 200) {
    throw new ActionError('TLOG_CONFLICT', `Rekor answers ${status} for a tile of the entry that it holds`)
  }
  if (body.length === tile.width * HASH_BYTES) return body
  throw new ActionError('TLOG_RESPONSE', `a tile of the log has ${body.length} bytes`)
}

/** A checkpoint names its log by name and by the first four bytes of its id (c2sp.org/signed-note). */
function logIdOf({ signatures }: Note, { origin }: Checkpoint, logs: readonly KnownLog[]): Uint8Array {
  const own = signatures.filter(({ name }) => name === origin)
  const log = logs.find(
    ({ names, logId }) =>
      names.includes(origin) && own.some(({ keyHint }) => equalBytes(keyHint, logId.subarray(0, 4))),
  )
  if (log !== undefined) return log.logId
  throw new ActionError('TLOG_UNKNOWN_LOG', 'the checkpoint is of no log in the trusted root')
}
