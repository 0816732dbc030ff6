import type { SerializedBundle } from '@sigstore/bundle'
import { encodeBase64 } from '../core/base64.ts'
import { encodeUtf8 } from '../core/bytes.ts'
import type { LogEntry } from './log-entry.ts'
import { envelopeJson, type Submission } from './submission.ts'

/** All that a bundle holds. */
export interface BundleParts extends Submission {
  readonly entries: readonly LogEntry[]
  /** DER TimeStampResp each. */
  readonly timestamps: readonly Uint8Array[]
}

type Material = SerializedBundle['verificationMaterial']
type WrittenEntry = Omit<Material['tlogEntries'][number], 'integratedTime'> & {
  readonly integratedTime: string | undefined
}

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/**
 * A bundle of version 0.3 (sigstore_bundle.proto, protobuf-JSON): one line of JSON without a final newline. Indexes of 0
 * and empty lists of hashes are written out, for readers that miss them otherwise.
 */
export function encodeBundle({ certificate, content, entries, timestamps }: BundleParts): Uint8Array {
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      certificate: { rawBytes: encodeBase64(certificate) },
      tlogEntries: entries.map(entryJson),
      timestampVerificationData: timestampJson(timestamps),
    },
    ...(content.kind === 'message'
      ? { messageSignature: messageJson(content) }
      : { dsseEnvelope: envelopeJson(content) }),
  }
  return encodeUtf8(JSON.stringify(bundle))
}

/** What is undefined is not written: Rekor v2 gives neither time nor promise, and a null trips some readers. */
function entryJson(entry: LogEntry): WrittenEntry {
  const { integratedTime, promise } = entry
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: encodeBase64(entry.logId) },
    kindVersion: { kind: entry.kind, version: entry.version },
    integratedTime: integratedTime ? String(integratedTime) : undefined,
    inclusionPromise: promise && { signedEntryTimestamp: encodeBase64(promise) },
    inclusionProof: entry.proof && proofJson(entry.proof),
    canonicalizedBody: encodeBase64(entry.body),
  }
}

const proofJson = (proof: NonNullable<LogEntry['proof']>): NonNullable<WrittenEntry['inclusionProof']> => ({
  logIndex: String(proof.logIndex),
  rootHash: encodeBase64(proof.rootHash),
  treeSize: String(proof.treeSize),
  hashes: proof.hashes.map(encodeBase64),
  checkpoint: { envelope: proof.checkpoint },
})

const messageJson = ({
  digest,
  signature,
}: Extract<Submission['content'], { kind: 'message' }>): SerializedBundle['messageSignature'] => ({
  messageDigest: { algorithm: 'SHA2_256', digest: encodeBase64(digest.value) },
  signature: encodeBase64(signature),
})

const timestampJson = (timestamps: readonly Uint8Array[]): Material['timestampVerificationData'] =>
  timestamps.length === 0
    ? undefined
    : { rfc3161Timestamps: timestamps.map((one) => ({ signedTimestamp: encodeBase64(one) })) }
