import { type Case, grpcError, ok } from './case.ts'
import { postJson, textOf } from './exchange.ts'

const getting =
  (path: string): Case['ask'] =>
  ({ target }) => ({ url: `${target.rekorV2}${path}` })

const reading =
  (path: string, method: 'GET' | 'HEAD' = 'GET'): Case['ask'] =>
  ({ target }) => ({ method, url: `${target.rekorV2Read}${path}` })

/** The tile that ends where the checkpoint does. */
const lastTile =
  (kind: '0' | 'entries'): Case['ask'] =>
  ({ target, recall }) => {
    const size = Number(textOf(recall('the checkpoint')).split('\n')[1])
    return { url: `${target.rekorV2Read}/tile/${kind}/000.p/${size}` }
  }

/** In production a storage answers these, and here a server of files: what is in them the log itself wrote. */
const FILES: readonly Case[] = [
  {
    name: 'the checkpoint',
    ask: reading('/checkpoint'),
    answer: { status: 200, type: 'text/plain;charset=utf-8', body: '<checkpoint>' },
  },
  {
    name: 'the head of the checkpoint',
    ask: reading('/checkpoint', 'HEAD'),
    answer: { status: 200, type: 'text/plain;charset=utf-8', body: '' },
  },
  {
    name: 'the tile of hashes',
    ask: lastTile('0'),
    answer: { status: 200, type: 'application/octet-stream', body: '<bytes>' },
  },
  {
    name: 'the tile of entries',
    ask: lastTile('entries'),
    answer: { status: 200, type: 'application/octet-stream', body: '<bytes>' },
  },
  {
    name: 'a tile that is not full',
    ask: reading('/tile/0/000'),
    answer: { status: 404, type: '', body: '' },
  },
  { name: 'a tile beyond the log', ask: reading('/tile/0/001'), answer: { status: 404, type: '', body: '' } },
  {
    name: 'a tile of a level beyond the log',
    ask: reading('/tile/5/000'),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a malformed tile',
    ask: reading('/tile/nothing/000'),
    answer: { status: 404, type: '', body: '' },
  },
  {
    name: 'a malformed width',
    ask: reading('/tile/0/000.p/999'),
    answer: { status: 404, type: '', body: '' },
  },
]

/** What readers of the log ask for. */
export const REKOR_V2_READS: readonly Case[] = [
  ...FILES.map((one): Case => ({ ...one, standIn: true })),
  { name: 'GET', ask: getting('/api/v2/log/entries'), answer: grpcError(501, 12, 'Method Not Allowed') },
  { name: 'an unknown path', ask: getting('/api/v2/nothing'), answer: grpcError(404, 5, 'Not Found') },
  { name: 'a path of another version', ask: getting('/api/v1/log'), answer: grpcError(404, 5, 'Not Found') },
  {
    name: 'POST to the checkpoint',
    ask: ({ target }) => postJson(`${target.rekorV2}/api/v2/checkpoint`, {}),
    answer: grpcError(501, 12, 'Method Not Allowed'),
  },
  { name: 'health', ask: getting('/healthz'), answer: ok({ status: 'SERVING' }) },
]
