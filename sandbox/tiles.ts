import { concatBytes } from '../src/core/bytes.ts'
import type { Log } from './log.ts'
import { bigEndian } from './sct.ts'

const WIDTH = 256

/** What a path below the log's address names (C2SP tlog-tiles). Width is 256 for a full tile. */
export interface TilePath {
  /** -1 for a bundle of entries. */
  readonly level: number
  readonly index: number
  readonly width: number
}

export function parseTilePath(path: string): TilePath | undefined {
  const match =
    /^\/tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(
      path,
    )
  if (match === null) return undefined
  const [, level = '', index = '', width] = match
  const parsed = {
    level: level === 'entries' ? -1 : Number(level),
    index: Number(index.replace(/[x/]/g, '')),
    width: width === undefined ? WIDTH : Number(width),
  }
  const isCanonical = !/^x000\//.test(index)
  return isCanonical && parsed.width <= (width === undefined ? WIDTH : WIDTH - 1) ? parsed : undefined
}

/**
 * The bytes of a tile of the tree of `size` leaves; undefined if it is not there. A partial tile is gone once the full one
 * is there, as storage that is cleaned up does.
 */
export function tileOf(log: Log, tile: TilePath, size: number): Uint8Array | undefined {
  const { level, index, width } = tile
  const start = index * WIDTH
  const there = Math.floor(size / WIDTH ** Math.max(level, 0))
  if (start + width > there || (width < WIDTH && there >= start + WIDTH)) return undefined
  if (level >= 0) {
    const hashes = log.tree.hashes(level * 8, start, start + width)
    return hashes === undefined ? undefined : concatBytes(...hashes)
  }
  const bodies = log.bodies.slice(start, start + width)
  return concatBytes(...bodies.map((body) => concatBytes(bigEndian(body.length, 2), body)))
}
