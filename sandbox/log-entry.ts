import type { InclusionProofJson } from './log.ts'

/** A TransparencyLogEntry in protobuf-JSON, open to change. */
export interface LogEntryJson {
  logIndex: string
  logId: { keyId: string }
  kindVersion: { kind: string; version: string }
  integratedTime?: string
  inclusionPromise?: { signedEntryTimestamp: string }
  inclusionProof?: InclusionProofJson
  canonicalizedBody?: string
}
