import { generateEcdsaKey, keyIdOf, type SigningKey } from './keys.ts'
import { encodeSct, encodeTimestampedEntry, leafIndexExtension, type Precertificate } from './sct.ts'
import { createTree, leafHashOf, type Tree } from './tree.ts'

export interface SctOptions {
  /** Milliseconds since 1970; now by default. */
  readonly timestamp?: number
  /** Instead of the leaf index. */
  readonly extensions?: Uint8Array
  /** Instead of the log's own, to lie. */
  readonly logId?: Uint8Array
  readonly key?: SigningKey
  /** Spoils the signature. */
  readonly change?: (signature: Uint8Array) => Uint8Array
}

/** A certificate transparency log that promises at once and logs what it promises, like a static-ct one. */
export interface CtLog {
  readonly key: SigningKey
  readonly logId: Uint8Array
  readonly tree: Tree
  /** One encoded SCT. */
  readonly sign: (precertificate: Precertificate, options?: SctOptions) => Uint8Array
}

export function createCtLog(key: SigningKey = generateEcdsaKey('P-256')): CtLog {
  const tree = createTree()
  const ownId = keyIdOf(key)
  const sign = (precertificate: Precertificate, options: SctOptions = {}): Uint8Array => {
    const { timestamp = Date.now(), extensions = leafIndexExtension(tree.size()), logId = ownId } = options
    const entry = encodeTimestampedEntry(precertificate, timestamp, extensions)
    tree.append(leafHashOf(entry))
    const signature = (options.key ?? key).sign(entry)
    return encodeSct({ logId, timestamp, extensions, signature: options.change?.(signature) ?? signature })
  }
  return { key, logId: ownId, tree, sign }
}
