import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHolder, encodeSubject, type Holder, toPem } from '../sandbox/certificates.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  CODE_SIGNING,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from '../sandbox/extensions.ts'
import { generateEcdsaKey, type SigningKey } from '../sandbox/keys.ts'

/** Paths of what the servers are given. Private keys are EC ones as RFC 5915 writes them, but for the Ed25519 key. */
export interface KeyFiles {
  /** The CA of Fulcio: the intermediate's key, its certificate and the root's, and the root's alone. */
  readonly caKey: string
  readonly caChain: string
  readonly caRoot: string
  readonly ctKey: string
  readonly ctPublicKey: string
  readonly rekorV1Key: string
  /** Ed25519, PKCS #8. */
  readonly rekorV2Key: string
  readonly rekorV2PublicKey: string
}

const DAY = 86_400_000
const LIFE = 3650 * DAY
/** Clients tell the public instance from GitHub's own by this organization. */
const ORGANIZATION = 'sigstore.dev'

/** Makes all keys and the CA, below `folder`. The curves are production's: P-384 for the CA's root, P-256 below. */
export function createKeyFiles(folder: string): KeyFiles {
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const { root, intermediate } = createCa()
  const ct = generateEcdsaKey('P-256')
  const ed25519 = generateKeyPairSync('ed25519')
  return {
    caKey: write('ca.key', sec1(intermediate.key)),
    caChain: write('ca-chain.pem', [intermediate, root].map(certificatePem).join('')),
    caRoot: write('ca-root.pem', certificatePem(root)),
    ctKey: write('ct.key', sec1(ct)),
    ctPublicKey: write('ct.pub', ct.pem),
    rekorV1Key: write('rekor-v1.key', sec1(generateEcdsaKey('P-256'))),
    rekorV2Key: write('rekor-v2.key', pkcs8(ed25519.privateKey)),
    rekorV2PublicKey: write(
      'rekor-v2.pub',
      String(ed25519.publicKey.export({ type: 'spki', format: 'pem' })),
    ),
  }
}

function createCa(): { readonly root: Holder; readonly intermediate: Holder } {
  const rootKey = generateEcdsaKey('P-384')
  const key = generateEcdsaKey('P-256')
  const validity = { notBefore: Date.now() - DAY, notAfter: Date.now() + LIFE }
  const usage = keyUsage(['keyCertSign', 'cRLSign'])
  const root = createHolder(
    {
      ...validity,
      subject: encodeSubject(ORGANIZATION, 'e2e-root'),
      extensions: [usage, basicConstraints({ ca: true, pathLength: 1 }), subjectKeyIdentifier(rootKey.spki)],
    },
    rootKey,
  )
  const intermediate = createHolder(
    {
      ...validity,
      subject: encodeSubject(ORGANIZATION, 'e2e-intermediate'),
      extensions: [
        usage,
        extendedKeyUsage([CODE_SIGNING], false),
        basicConstraints({ ca: true, pathLength: 0 }),
        subjectKeyIdentifier(key.spki),
        authorityKeyIdentifier(rootKey.spki),
      ],
    },
    key,
    root,
  )
  return { root, intermediate }
}

const certificatePem = ({ certificate }: Holder): string => toPem('CERTIFICATE', certificate)

const sec1 = ({ privateKey }: Pick<SigningKey, 'privateKey'>): string =>
  String(privateKey.export({ type: 'sec1', format: 'pem' }))

const pkcs8 = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))
