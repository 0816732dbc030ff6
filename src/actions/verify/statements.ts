import { encodeHex } from '../../core/bytes.ts'
import { digest } from '../../core/digest.ts'
import type { Files } from '../../ports.ts'
import type { Evidence, Verified } from '../../sigstore/evidence.ts'
import type { Places } from '../job/roots.ts'

/** The verified statements, for policy engines: each once, in a private folder. */
export interface Statements {
  /** The path of the signed bytes; undefined for a message signature, which has no statement. OUTPUT_WRITE. */
  readonly keep: (evidence: Verified<Evidence>) => Promise<string | undefined>
}

export function statementFolder(files: Files, { temp, platform }: Places): Statements {
  let folder: Promise<string> | undefined
  const written = new Map<string, Promise<string>>()
  /** A statement over many files comes once for each of them. */
  const names = new WeakMap<Uint8Array, string>()
  const nameOf = (payload: Uint8Array): string => {
    const name = names.get(payload) ?? encodeHex(digest('sha256', payload))
    names.set(payload, name)
    return name
  }
  const write = async (name: string, payload: Uint8Array): Promise<string> => {
    folder ??= files.makePrivateFolder(temp, 'keyless-statements-')
    const path = `${await folder}${platform === 'win32' ? '\\' : '/'}${name}.json`
    await files.write(path, [temp], payload)
    return path
  }
  return {
    keep: async ({ statement }) => {
      if (statement === undefined) return undefined
      const name = nameOf(statement.payload)
      const path = written.get(name) ?? write(name, statement.payload)
      written.set(name, path)
      return path
    },
  }
}
