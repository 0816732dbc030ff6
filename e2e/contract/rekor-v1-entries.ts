import type { Case, Context } from './case.ts'
import { type Answer, type Ask, postJson, textOf } from './exchange.ts'
import { base64, createKey, type Material, sha256 } from './material.ts'

export const ENTRIES = '/api/v1/log/entries'

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const sha256Hash = (digest: Uint8Array): Hash => ({ algorithm: 'sha256', value: hex(digest) })

export type Signed = Pick<Material, 'pem' | 'digest' | 'signature'>

export type Hash = { readonly algorithm: string; readonly value: string }

export const hashedRekord = (
  { pem, digest, signature }: Signed,
  hash: Hash = sha256Hash(digest),
): object => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash },
    signature: { content: base64(signature), publicKey: { content: base64(pem) } },
  },
})

export const dsse = ({ pem, envelope }: Pick<Material, 'pem' | 'envelope'>): object => ({
  apiVersion: '0.0.1',
  kind: 'dsse',
  spec: { proposedContent: { envelope, verifiers: [base64(pem)] } },
})

export const posting =
  (
    entry: (material: Material) => unknown,
    headers?: Readonly<Record<string, string>>,
    path: string = ENTRIES,
  ): Case['ask'] =>
  ({ target, material }) =>
    postJson(`${target.rekorV1}${path}`, entry(material), headers)

/** A good entry whose text is edited. */
export const edited = (
  make: (material: Material) => unknown,
  from: RegExp | string,
  to: string,
): Case['ask'] => posting((material) => JSON.stringify(make(material)).replace(from, to))

/** The envelope of a good entry, changed. */
export const enveloped = (changes: object): Case['ask'] =>
  posting((material) =>
    dsse({ ...material, envelope: JSON.stringify({ ...JSON.parse(material.envelope), ...changes }) }),
  )

export const getting =
  (path: string): Case['ask'] =>
  ({ target }) => ({ url: `${target.rekorV1}${path}` })

/** By what the answer to an earlier case says. */
export const getEntry =
  (path: (uuid: string, index: number) => string) =>
  ({ target, recall }: Context): Ask => {
    const { uuid, logIndex } = entryOf(recall('a signature by digest'))
    return { url: `${target.rekorV1}${path(uuid, logIndex)}` }
  }

/** The one entry of an answer. */
export function entryOf(answer: Answer): LogEntry & { readonly uuid: string } {
  const [[uuid, entry] = ['', undefined]] = Object.entries<LogEntry>(JSON.parse(textOf(answer)))
  if (entry === undefined) throw new Error('an answer without an entry')
  return { ...entry, uuid }
}

export interface LogEntry {
  readonly logIndex: number
  readonly integratedTime: number
  readonly verification: {
    readonly inclusionProof: {
      readonly logIndex: number
      readonly treeSize: number
      readonly checkpoint: string
    }
  }
}

export const own = createKey()

export const signedText = (text: string): Signed => ({
  pem: own.pem,
  digest: sha256(Buffer.from(text)),
  signature: own.sign(text),
})
