import { pick, type Random } from './property.ts'

/** What parsers stumble over. */
const TOKENS: readonly string[] = [
  ...[
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    'null',
    '-1',
    '1e999',
    '18446744073709551616',
    '\\u0000',
    '\\ud800',
  ],
  ...[
    '\n',
    '\r\n',
    '\0',
    '=',
    '==',
    '-----BEGIN CERTIFICATE-----',
    '\u2014 ',
    '__proto__',
    ' ',
    '.',
    '/',
    '\ufeff',
  ],
  ...['\x30\x80', '\x30\x84\xff\xff\xff\xff', '\x02\x00', '\x05\x00', '\xff', '\x00', '*', '**', '[!', '..'],
]

type Mutation = (random: Random, bytes: Uint8Array) => Uint8Array

const splice = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])

const MUTATIONS: readonly Mutation[] = [
  (random, bytes) => {
    const copy = Uint8Array.from(bytes)
    const at = random.below(bytes.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
    return copy
  },
  (random, bytes) => bytes.with(random.below(bytes.length), random.below(256)),
  (random, bytes) => bytes.subarray(0, random.below(bytes.length)),
  (random, bytes) => splice(bytes, random.below(bytes.length), 1 + random.below(20), new Uint8Array()),
  (random, bytes) => {
    const at = random.below(bytes.length)
    return splice(bytes, at, 0, bytes.subarray(at, at + 1 + random.below(200)))
  },
  (random, bytes) =>
    splice(bytes, random.below(bytes.length), random.below(3), Buffer.from(pick(random, TOKENS), 'latin1')),
  (random, bytes) =>
    splice(bytes, random.below(bytes.length), random.below(3), Buffer.from(pick(random, TOKENS))),
  (random, bytes) => {
    const from = random.below(bytes.length)
    return splice(bytes, random.below(bytes.length), 0, bytes.subarray(from, from + random.below(64)))
  },
]

/** One to three changes, never none. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let changed = bytes
  for (let i = 0; i <= random.below(3); i += 1)
    if (changed.length > 0) changed = pick(random, MUTATIONS)(random, changed)
  return changed
}
