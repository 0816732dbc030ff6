import { encodeUtf8 } from '../core/bytes.ts'

/** RFC 3986 characters that stay as they are in a path or fragment, percent signs included. */
const WELL_FORMED = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/?]*$/
const KEPT_IN_PATH = /^[A-Za-z0-9\-._~$&+,;=:@/?]$/
const KEPT_IN_FRAGMENT = /^[A-Za-z0-9\-._~$&+,;=:@/?!()*]$/

/**
 * A URI as Fulcio writes it into a certificate, which holds ASCII only: parsed and printed by Go's `net/url`
 * (fulcio pkg/identity/ciprovider/principal.go). What is well-formed stays; otherwise a whole path or fragment is
 * escaped anew, so that the branch `grün` becomes `gr%C3%BCn`.
 */
export function encodeCertificateUri(text: string): string {
  const hash = text.indexOf('#')
  if (hash < 0) return escapePart(text, KEPT_IN_PATH)
  return `${escapePart(text.slice(0, hash), KEPT_IN_PATH)}#${escapePart(text.slice(hash + 1), KEPT_IN_FRAGMENT)}`
}

function escapePart(part: string, kept: RegExp): string {
  if (WELL_FORMED.test(part)) return part
  return part.replace(/%[0-9A-Fa-f]{2}|./gsu, (one) => {
    if (one.length !== 3 || !one.startsWith('%')) return kept.test(one) ? one : escapeBytes(one)
    const character = String.fromCharCode(Number.parseInt(one.slice(1), 16))
    return kept.test(character) ? character : one.toUpperCase()
  })
}

const escapeBytes = (character: string): string =>
  Array.from(encodeUtf8(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
