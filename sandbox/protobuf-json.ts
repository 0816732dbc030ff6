import { type Fields, isFields } from './fields.ts'
import { duplicatesIn, type MemberPath } from './json-duplicate.ts'

/** What a member of a message holds: text, bytes in base64, one of some names, or a message. */
export type Kind = 'text' | 'bytes' | { readonly names: readonly string[] } | Message
export type Message = { readonly members: Readonly<Record<string, Kind>>; readonly ignoresOthers?: boolean }

/** A body that is no such message, in the words of Go's protojson. Where in the text it is not told: nobody may rely on it. */
export class MessageError extends Error {}

const refuse = (what: string): never => {
  throw new MessageError(what)
}

/** The members of a message that was sent as JSON; no body at all is an empty one. MessageError for any other. */
export function parseMessage(body: Uint8Array, message: Message): Fields {
  const text = Buffer.from(body).toString('utf8').trim()
  if (text === '') return {}
  const value = parseJson(text)
  if (!isFields(value)) return refuse(`proto: syntax error (line 1:1): unexpected token ${text.slice(0, 1)}`)
  assertOnce(text, message)
  assertMessage(value, message)
  return value
}

/** What a message does not know may stand in it as often as it likes, where it may stand at all. */
function assertOnce(json: string, message: Message): void {
  const known = duplicatesIn(json).find((path) => isKnown(path, message))
  if (known !== undefined) refuse(`proto: (line 1:2): duplicate field ${JSON.stringify(known.at(-1))}`)
}

function isKnown([name, ...rest]: MemberPath, { members }: Message): boolean {
  const kind = name !== undefined && Object.hasOwn(members, name) ? members[name] : undefined
  if (kind === undefined) return false
  return rest.length === 0 || (typeof kind === 'object' && 'members' in kind && isKnown(rest, kind))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const isCut = error instanceof SyntaxError && /end of JSON input/.test(error.message)
    return refuse(isCut ? 'unexpected EOF' : 'proto: syntax error (line 1:1): invalid value')
  }
}

function assertMessage(fields: Fields, { members, ignoresOthers = false }: Message): void {
  for (const [name, value] of Object.entries(fields)) {
    const kind = Object.hasOwn(members, name) ? members[name] : undefined
    if (kind !== undefined) assertKind(name, value, kind)
    else if (!ignoresOthers) refuse(`proto: (line 1:2): unknown field ${JSON.stringify(name)}`)
  }
}

/** `null` is as good as nothing. */
function assertKind(name: string, value: unknown, kind: Kind): void {
  if (value === null) return
  const invalid = (type: string): never =>
    refuse(`proto: (line 1:2): invalid value for ${type} field ${name}: ${JSON.stringify(value)}`)
  if (kind === 'text') {
    if (typeof value !== 'string') invalid('string')
  } else if (kind === 'bytes') {
    if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) invalid('bytes')
  } else if ('names' in kind) {
    if (typeof value !== 'string' || !kind.names.includes(value)) invalid('enum')
  } else if (isFields(value)) assertMessage(value, kind)
  else refuse(`proto: syntax error (line 1:2): unexpected token ${JSON.stringify(value)}`)
}
