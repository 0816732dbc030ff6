/** Encodings of an ECDSA signature at the edge of what is one. Each is made from a sound signature (r, s) of order n. */
export interface Edge {
  readonly what: string
  readonly sound: boolean
  readonly encode: (r: bigint, s: bigint, n: bigint) => Uint8Array
}

function octets(value: bigint): Uint8Array {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return (bytes[0] ?? 0) > 0x7f ? Uint8Array.of(0, ...bytes) : bytes
}

const length = (count: number): readonly number[] => (count < 0x80 ? [count] : [0x81, count])
const tagged = (tag: number, content: Uint8Array): Uint8Array =>
  Uint8Array.of(tag, ...length(content.length), ...content)
const pair = (r: Uint8Array, s: Uint8Array): Uint8Array =>
  tagged(0x30, Uint8Array.of(...tagged(2, r), ...tagged(2, s)))
const plain = (r: bigint, s: bigint): Uint8Array => pair(octets(r), octets(s))

/** SEC 1 C.5 and X.690 10.1: two positive INTEGERs in their shortest form, below the order, nothing behind. */
export const EDGES: readonly Edge[] = [
  { what: 'as it was made', sound: true, encode: plain },
  { what: 's and n - s are both signatures', sound: true, encode: (r, s, n) => plain(r, n - s) },
  { what: 'r = 0', sound: false, encode: (_, s) => plain(0n, s) },
  { what: 's = 0', sound: false, encode: (r) => plain(r, 0n) },
  { what: 'r = n', sound: false, encode: (_, s, n) => plain(n, s) },
  { what: 's = n', sound: false, encode: (r, _, n) => plain(r, n) },
  { what: 'r + n', sound: false, encode: (r, s, n) => plain(r + n, s) },
  { what: 's + n', sound: false, encode: (r, s, n) => plain(r, s + n) },
  { what: 'n - r', sound: false, encode: (r, s, n) => plain(n - r, s) },
  { what: 'r and s exchanged', sound: false, encode: (r, s) => plain(s, r) },
  { what: 'r twice', sound: false, encode: (r) => plain(r, r) },
  {
    what: 'a zero before r',
    sound: false,
    encode: (r, s) => pair(Uint8Array.of(0, ...octets(r)), octets(s)),
  },
  {
    what: 'a zero before s',
    sound: false,
    encode: (r, s) => pair(octets(r), Uint8Array.of(0, ...octets(s))),
  },
  {
    what: 'r negative',
    sound: false,
    encode: (r, s) => pair(octets(r).with(0, (octets(r)[0] ?? 0) | 0x80), octets(s)),
  },
  { what: 'an empty r', sound: false, encode: (_, s) => pair(new Uint8Array(), octets(s)) },
  { what: 'a byte behind', sound: false, encode: (r, s) => Uint8Array.of(...plain(r, s), 0) },
  {
    what: 'a third integer',
    sound: false,
    encode: (r, s) => tagged(0x30, Uint8Array.of(...tagged(2, octets(r)), ...tagged(2, octets(s)), 2, 1, 1)),
  },
  { what: 'r alone', sound: false, encode: (r) => tagged(0x30, tagged(2, octets(r))) },
  {
    what: 'a length in two octets where one would do',
    sound: false,
    encode: (r, s) => {
      const [, , ...rest] = plain(r, s)
      return Uint8Array.of(0x30, 0x82, 0, rest.length, ...rest)
    },
  },
  {
    what: 'an indefinite length',
    sound: false,
    encode: (r, s) => Uint8Array.of(0x30, 0x80, ...tagged(2, octets(r)), ...tagged(2, octets(s)), 0, 0),
  },
  { what: 'a SET', sound: false, encode: (r, s) => plain(r, s).with(0, 0x31) },
  {
    what: 'the two numbers bare',
    sound: false,
    encode: (r, s, n) => {
      const size = Math.ceil(n.toString(16).length / 2)
      return Buffer.from([r, s].map((one) => one.toString(16).padStart(2 * size, '0')).join(''), 'hex')
    },
  },
  { what: 'nothing', sound: false, encode: () => new Uint8Array() },
]
