/** A certificate without what differs each time: its fields, and each extension with its criticality, in their order. */
import { type Der, parseDer, parseElements, parseOid, TAG } from '../../src/core/der.ts'
import { type Certificate, parseCertificatePem } from '../../src/core/x509.ts'
import type { Extension } from '../../src/core/x509-extensions.ts'

const CONSTRUCTED = 0x20
const EXTENSIONS = 0xa3

/** Fulcio's .1 to .6 hold bare text (fulcio docs/oid-info.md). */
const BARE = /^1\.3\.6\.1\.4\.1\.57264\.1\.[1-6]$/

export function certificateShape(pem: string): readonly string[] {
  const certificate = parseCertificatePem(pem)
  const [, algorithm, signature] = inside(parse(certificate.raw))
  return [...fieldsOf(certificate), ...[algorithm, signature].map(describe)]
}

const fieldsOf = ({ tbs, extensions }: Certificate): readonly string[] =>
  inside(parse(tbs)).flatMap((field) =>
    field.tag === EXTENSIONS ? extensions.map(describeExtension) : [describe(field)],
  )

const describeExtension = ({ oid, critical, value }: Extension): string =>
  [oid, ...(critical ? ['critical'] : []), BARE.test(oid) ? 'text' : describe(parse(value))].join(' ')

const parse = (bytes: Uint8Array): Der => parseDer(bytes, 'INTERNAL', 'a certificate')
const inside = ({ content }: Der): readonly Der[] => parseElements(content, 'INTERNAL', 'a certificate')

/** Nested tags, with the OIDs and what is as short as a version or the bits of a key usage. */
function describe(der: Der | undefined): string {
  if (der === undefined) return 'nothing'
  if (der.tag === TAG.oid) return nameOf(parseOid(der, 'INTERNAL', 'a certificate'))
  const tag = der.tag.toString(16).padStart(2, '0')
  if ((der.tag & CONSTRUCTED) !== 0) return `${tag}(${inside(der).map(describe).join(' ')})`
  const isShort = der.content.length > 0 && der.content.length < 3
  return isShort ? `${tag}:${Buffer.from(der.content).toString('hex')}` : tag
}

/** Whichever hash a CA signs with. */
const nameOf = (oid: string): string => oid.replace(/^1\.2\.840\.10045\.4\.3\.[234]$/, 'ecdsa')
