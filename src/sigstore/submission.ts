import { encodeBase64 } from '../core/base64.ts'
import { digest } from '../core/digest.ts'
import { encodePae } from '../core/dsse.ts'
import type { EnvelopeContent, MessageContent } from './bundle.ts'

/** A signature over a file, with the SHA-256 digest of that file. */
export interface SignedMessage extends MessageContent {
  readonly digest: { readonly hash: 'sha256'; readonly value: Uint8Array }
}

/** What was signed, and by whom: this goes into a log and then into a bundle. */
export interface Submission {
  readonly content: SignedMessage | EnvelopeContent
  /** DER. */
  readonly certificate: Uint8Array
}

/** SHA-256 of the bytes that the signature is over. */
export const signedDigest = ({ content }: Submission): Uint8Array =>
  content.kind === 'message'
    ? content.digest.value
    : digest('sha256', encodePae(content.payloadType, content.payload))

/** A DSSE envelope as JSON (dsse envelope.md), in protobuf-JSON's spelling. */
export const envelopeJson = ({ payload, payloadType, signature, keyid }: EnvelopeContent) => ({
  payload: encodeBase64(payload),
  payloadType,
  signatures: [{ sig: encodeBase64(signature), keyid }],
})
