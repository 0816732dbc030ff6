import { at, hex, parseFields } from './fields.ts'
import { canonicalBodyV1, EntryError } from './rekor-v1-entries.ts'
import type { RekorV1Log, Shard, StoredEntry } from './rekor-v1-log.ts'
import { leafHashOf } from './tree.ts'
import { type Handler, json, text, type WebAnswer, type WebRequest } from './web.ts'

const MAX_BODY = 32 * 1024 * 1024
const ENTRIES = '/api/v1/log/entries'

const failure = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): WebAnswer => json(status, { code: status, message }, headers)

type Route = (log: RekorV1Log, request: WebRequest) => WebAnswer

/** Rekor v1 (rekor openapi.yaml), search by hash or name aside. */
export function serveRekorV1(log: RekorV1Log): Handler {
  const routes: Readonly<Record<string, Route>> = {
    [`POST ${ENTRIES}`]: createEntry,
    [`GET ${ENTRIES}`]: entryByIndex,
    [`POST ${ENTRIES}/retrieve`]: retrieve,
    'GET /api/v1/log': logInfo,
    'GET /api/v1/log/proof': logProof,
    'GET /api/v1/log/publicKey': () => text(200, log.key.pem, 'application/x-pem-file'),
    'GET /ping': () => text(200, 'pong'),
  }
  return (request) => {
    const route = `${request.method} ${request.path}`
    const known = Object.hasOwn(routes, route) ? routes[route] : undefined
    if (known !== undefined) return known(log, request)
    const uuid = new RegExp(`^GET ${ENTRIES}/([^/]+)$`).exec(route)?.[1]
    return uuid === undefined ? failure(404, `path ${request.path} was not found`) : entryByUuid(log, uuid)
  }
}

function createEntry(log: RekorV1Log, request: WebRequest): WebAnswer {
  if (request.body.length > MAX_BODY) return failure(413, 'http: request body too large')
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return failure(415, 'unsupported media type, only [application/json application/yaml] are allowed')
  }
  try {
    return storeEntry(log, canonicalBodyV1(request.body))
  } catch (error) {
    if (error instanceof EntryError) return failure(error.status, error.message)
    throw error
  }
}

function storeEntry(log: RekorV1Log, body: Uint8Array): WebAnswer {
  const known = log.current.log.find(leafHashOf(body))
  if (known !== undefined) {
    const uuid = log.uuid({ shard: log.current, index: known })
    return failure(409, `an equivalent entry already exists in the transparency log with UUID ${uuid}`, {
      location: `${ENTRIES}/${uuid}`,
    })
  }
  const entry = log.append(body)
  const uuid = log.uuid(entry)
  return json(201, log.toRest(entry), { location: `${ENTRIES}/${uuid}`, etag: uuid })
}

const shown = (log: RekorV1Log, entry: StoredEntry | undefined): WebAnswer =>
  entry === undefined ? { status: 404 } : json(200, log.toRest(entry))

const isUuid = (uuid: string): boolean => /^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{80})$/.test(uuid)

const entryByUuid = (log: RekorV1Log, uuid: string): WebAnswer =>
  isUuid(uuid) ? shown(log, log.byUuid(uuid.toLowerCase())) : failure(400, 'invalid UUID')

function entryByIndex(log: RekorV1Log, { query }: WebRequest): WebAnswer {
  const index = query.get('logIndex') ?? ''
  if (!/^[0-9]{1,15}$/.test(index)) return failure(422, 'logIndex in query is required')
  return shown(log, log.byIndex(Number(index)))
}

/** At most ten of each kind; entries that are not there are left out. */
function retrieve(log: RekorV1Log, { body }: WebRequest): WebAnswer {
  const fields = parseFields(body)
  if (fields === undefined) return failure(400, 'parsing body body from "" failed, because invalid JSON')
  const lists = ['logIndexes', 'entryUUIDs', 'entries'].map((name) => at(fields, name) ?? [])
  const [indexes = [], uuids = [], entries = []] = lists.map((one): readonly unknown[] =>
    Array.isArray(one) ? one : [],
  )
  if ([indexes, uuids, entries].some(({ length }) => length > 10)) {
    return failure(422, 'should have at most 10 items')
  }
  const found = [
    ...indexes.map((index) => (typeof index === 'number' ? log.byIndex(index) : undefined)),
    ...uuids.map((uuid) => (typeof uuid === 'string' && isUuid(uuid) ? log.byUuid(uuid) : undefined)),
    ...entries.map((entry) => byProposal(log, entry)),
  ]
  return json(
    200,
    found.filter((entry) => entry !== undefined).map((entry) => log.toRest(entry)),
  )
}

function byProposal(log: RekorV1Log, proposed: unknown): StoredEntry | undefined {
  const body = canonicalBodyV1(Buffer.from(JSON.stringify(proposed)))
  return log.byUuid(hex(leafHashOf(body)))
}

const describe = (shard: Shard): Readonly<Record<string, unknown>> => ({
  rootHash: hex(shard.log.tree.root()),
  treeSize: shard.log.tree.size(),
  signedTreeHead: shard.log.checkpoint(),
  treeID: String(shard.treeId),
})

const logInfo: Route = ({ shards, current }) =>
  json(200, {
    ...describe(current),
    inactiveShards: shards.filter((shard) => shard !== current).map(describe),
  })

function logProof({ shards, current }: RekorV1Log, { query }: WebRequest): WebAnswer {
  const treeId = query.get('treeID')
  const shard = treeId === null ? current : shards.find((one) => String(one.treeId) === treeId)
  if (shard === undefined) return failure(400, `no inactive shard with tree ID ${treeId}`)
  const first = Number(query.get('firstSize') ?? 1)
  const last = Number(query.get('lastSize') ?? Number.NaN)
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 1) {
    return failure(422, 'lastSize in query is required')
  }
  const { tree } = shard.log
  if (first > last) return failure(400, `firstSize(${first}) must be less than lastSize(${last})`)
  if (last > tree.size()) {
    const known = `the tree size requested(${last}) was greater than what is currently observable(${tree.size()})`
    return failure(400, known)
  }
  const hashes = tree.consistencyProof(first, last).map(hex)
  return json(200, { rootHash: hex(tree.root(last)), hashes })
}
