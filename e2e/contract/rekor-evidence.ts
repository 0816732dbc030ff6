/** What a log proves about an entry, verified as our verifier does it in a bundle. */
import { encodePae } from '../../src/core/dsse.ts'
import { parseCertificate } from '../../src/core/x509.ts'
import { artifactOfBytes, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import type { Signed } from '../../src/sigstore/log-body.ts'
import type { LogEntry } from '../../src/sigstore/log-entry.ts'
import { type LogEvidence, verifyLogEntries } from '../../src/sigstore/log-entry-verify.ts'
import type { TrustedLog, TrustedRoot } from '../../src/sigstore/trusted-root.ts'
import type { Context } from './case.ts'
import type { Material } from './material.ts'

const keyOf = ({ certificate }: Material): Pick<Signed, 'publicKey' | 'certificate'> => ({
  publicKey: parseCertificate(certificate).publicKey,
  certificate,
})

export const signedMessage = (material: Material): Signed => ({
  ...keyOf(material),
  content: {
    kind: 'message',
    digest: { hash: 'sha256', value: material.digest },
    signature: material.signature,
  },
  signedBytes: artifactOfDigests({ sha256: material.digest }),
})

export function signedEnvelope(material: Material): Signed {
  const { payload, payloadType, signatures } = JSON.parse(material.envelope)
  const bytes = new Uint8Array(Buffer.from(payload, 'base64'))
  const signature = new Uint8Array(Buffer.from(signatures[0].sig, 'base64'))
  return {
    ...keyOf(material),
    content: { kind: 'envelope', payloadType, payload: bytes, keyid: '', signature },
    signedBytes: artifactOfBytes(encodePae(payloadType, bytes)),
  }
}

/** Body, promise, proof and checkpoint; throws unless all of them hold before the target's trusted root. */
export function verifyEntry({ target }: Context, entry: LogEntry, signed: Signed): LogEvidence {
  const [evidence] = verifyLogEntries([entry], '0.3', signed, target.trust, Date.now())
  if (evidence === undefined) throw new Error('nothing was verified')
  return evidence
}

/** The one log of the trusted root that answers at this address. */
export function logAt({ transparencyLogs }: TrustedRoot, url: string): TrustedLog {
  const { port } = new URL(url)
  const found = [...transparencyLogs.values()].filter(({ baseUrl }) => new URL(baseUrl).port === port)
  const [log] = found
  if (log === undefined || found.length > 1) throw new Error(`the trusted root has ${found.length} such logs`)
  return log
}
