import { at, hex, parseFields } from './fields.ts'
import { cleanPath, contentTypeFault, negotiate } from './openapi-media.ts'
import { canonicalBodyV1, EntryError } from './rekor-v1-entries.ts'
import type { RekorV1Log, Shard, StoredEntry } from './rekor-v1-log.ts'
import { leafHashOf } from './tree.ts'
import { type Handler, json, text, type WebAnswer, type WebRequest } from './web.ts'

const MAX_BODY = 32 * 1024 * 1024
const ENTRIES = '/api/v1/log/entries'
const KEY = '/api/v1/log/publicKey'
const JSON_TYPE = 'application/json'

/** go-openapi's errors; what it says about members has codes of its own. */
const failure = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  code: number = status,
): WebAnswer => json(status, { code, message }, headers)

const unfit = (code: number, message: string): WebAnswer => failure(422, message, {}, code)

type Route = (log: RekorV1Log, request: WebRequest) => WebAnswer

/** Rekor v1 (rekor openapi.yaml), search by hash or name aside. */
export function serveRekorV1(log: RekorV1Log): Handler {
  const routes: Readonly<Record<string, Route>> = {
    [`POST ${ENTRIES}`]: createEntry,
    [`GET ${ENTRIES}`]: entryByIndex,
    [`POST ${ENTRIES}/retrieve`]: retrieve,
    'GET /api/v1/log': logInfo,
    'GET /api/v1/log/proof': logProof,
    [`GET ${KEY}`]: () => text(200, log.key.pem),
  }
  return (request) => {
    const { method, path: given, headers } = request
    if (given === '/ping') return text(200, '.', 'text/plain')
    const path = cleanPath(given)
    const [methods, named] = methodsOf(Object.keys(routes), path)
    if (methods.length === 0) return failure(404, `path ${given} was not found`)
    if (!methods.includes(method)) {
      const allow = methods.join(',')
      return failure(405, `method ${method} is not allowed, but [${allow}] are`, { allow })
    }
    const offers = path === KEY ? ['application/x-pem-file', JSON_TYPE] : [JSON_TYPE]
    const type = negotiate(headers.accept, offers)
    if (type === undefined && method === 'GET') return failure(406, unacceptable(offers))
    const answer = named === undefined ? routes[`${method} ${path}`]?.(log, request) : entryByUuid(log, named)
    return typed(answer ?? { status: 404 }, type)
  }
}

const unacceptable = (offers: readonly string[]): string =>
  `unsupported media type requested, only [${offers.join(' ')}] are available`

/** A good answer has the type that is accepted, or none: what was sent is logged all the same. Errors are always JSON. */
function typed(answer: WebAnswer, type: string | undefined): WebAnswer {
  if (answer.status >= 300) return answer
  const { 'content-type': _, ...headers } = answer.headers ?? {}
  return { ...answer, headers: type === undefined ? headers : { ...headers, 'content-type': type } }
}

/** What a path can be asked for, in their order, and the id that it ends in if it is an entry's. */
function methodsOf(
  routes: readonly string[],
  path: string,
): readonly [methods: readonly string[], id: string | undefined] {
  const methods = routes
    .filter((route) => route.endsWith(` ${path}`))
    .map((route) => route.split(' ')[0] ?? '')
  const id = methods.length > 0 ? undefined : new RegExp(`^${ENTRIES}/([^/]+)$`).exec(path)?.[1]
  return [id === undefined ? methods.sort() : ['GET'], id]
}

function createEntry(log: RekorV1Log, request: WebRequest): WebAnswer {
  if (request.body.length > MAX_BODY) return failure(413, 'http: request body too large')
  const fault = typeFault(request)
  if (fault !== undefined) return fault
  try {
    return storeEntry(log, canonicalBodyV1(request.body), request)
  } catch (error) {
    if (error instanceof EntryError) return failure(error.status, error.message, {}, error.code)
    throw error
  }
}

function typeFault({ headers }: WebRequest): WebAnswer | undefined {
  const refused = contentTypeFault(headers['content-type'], [JSON_TYPE])
  return refused && failure(refused.status, refused.message)
}

function storeEntry(log: RekorV1Log, body: Uint8Array, { path, query }: WebRequest): WebAnswer {
  const known = log.current.log.find(leafHashOf(body))
  if (known !== undefined) {
    const uuid = log.uuid({ shard: log.current, index: known })
    return failure(409, `an equivalent entry already exists in the transparency log with UUID ${uuid}`, {
      location: `${ENTRIES}/${uuid}`,
    })
  }
  const entry = log.append(body)
  const uuid = log.uuid(entry)
  // The address of the request, as it came, with the id put into it.
  const search = query.size === 0 ? '' : `?${query}`
  return json(201, log.toRest(entry), { location: `${path}/${uuid}${search}`, etag: uuid })
}

const shown = (log: RekorV1Log, entry: StoredEntry | undefined): WebAnswer =>
  entry === undefined ? { status: 404 } : json(200, log.toRest(entry))

const isUuid = (uuid: string): boolean => /^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{80})$/.test(uuid)

const entryByUuid = (log: RekorV1Log, uuid: string): WebAnswer =>
  isUuid(uuid)
    ? shown(log, log.byUuid(uuid.toLowerCase()))
    : unfit(605, "entryUUID in path should match '^([0-9a-fA-F]{64}|[0-9a-fA-F]{80})$'")

function entryByIndex(log: RekorV1Log, { query }: WebRequest): WebAnswer {
  const index = query.get('logIndex') ?? ''
  const fault = numberFault('logIndex', index, 0)
  if (fault !== undefined) return fault
  return shown(log, log.byIndex(Number(index)))
}

/** Of a parameter that is needed and must be a number. */
function numberFault(name: string, value: string, least: number): WebAnswer | undefined {
  if (value === '') return unfit(602, `${name} in query is required`)
  if (!/^-?[0-9]{1,15}$/.test(value))
    return unfit(601, `${name} in query must be of type int64: ${JSON.stringify(value)}`)
  return Number(value) < least
    ? unfit(609, `${name} in query should be greater than or equal to ${least}`)
    : undefined
}

/** At most ten of each kind; entries that are not there are left out. */
function retrieve(log: RekorV1Log, request: WebRequest): WebAnswer {
  const fault = typeFault(request)
  if (fault !== undefined) return fault
  const fields = parseFields(request.body)
  if (fields === undefined) return failure(400, 'parsing body body from "" failed, because invalid JSON')
  const names = ['logIndexes', 'entryUUIDs', 'entries'] as const
  const lists = names
    .map((name) => at(fields, name))
    .map((one): readonly unknown[] => (Array.isArray(one) ? one : []))
  const tooLong = names.find((_, i) => (lists[i]?.length ?? 0) > 10)
  if (tooLong !== undefined) return unfit(611, `${tooLong} in body should have at most 10 items`)
  const [indexes = [], uuids = [], entries = []] = lists
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
  const firstSize = query.get('firstSize') ?? '1'
  const lastSize = query.get('lastSize') ?? ''
  const fault = numberFault('firstSize', firstSize, 1) ?? numberFault('lastSize', lastSize, 1)
  if (fault !== undefined) return fault
  if (shard === undefined) return failure(400, `no log range found for tree ID ${treeId}`)
  const [first, last] = [Number(firstSize), Number(lastSize)]
  const { tree } = shard.log
  if (first > last) return failure(400, `firstSize(${first}) must be less than lastSize(${last})`)
  if (last > tree.size()) {
    const known = `the tree size requested(${last}) was greater than what is currently observable(${tree.size()})`
    return failure(400, known)
  }
  const hashes = tree.consistencyProof(first, last).map(hex)
  return json(200, { rootHash: hex(tree.root(last)), hashes })
}
