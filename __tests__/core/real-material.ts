import { globSync } from 'node:fs'
import { join } from 'node:path'
import { readSharedData } from './shared-data.ts'

/** Bytes from a file of the shared data, and the file's path there. */
export interface RealBytes {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Every certificate and every timestamp token in the bundles and trusted roots that match. */
export interface RealMaterial {
  readonly certificates: readonly RealBytes[]
  readonly timestamps: readonly RealBytes[]
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))

/** Calls back for each text member, with the names of the two members above it. */
function visit(
  value: unknown,
  names: readonly string[],
  found: (names: readonly string[], text: string) => void,
): void {
  if (typeof value === 'string') found(names, value)
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    visit(member, Array.isArray(value) ? names : [...names, name], found)
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readSharedData(file))
  } catch {
    return null // some of the files are there because they are no JSON
  }
}

export function realMaterial(pattern: string): RealMaterial {
  const certificates: RealBytes[] = []
  const timestamps: RealBytes[] = []
  for (const file of globSync(pattern, { cwd: join('..', 'shared', 'data') }).sort()) {
    visit(parsed(file), [], (names, text) => {
      const [above, name] = names.slice(-2)
      if (name === 'rawBytes' && (above === 'certificate' || above === 'certificates')) {
        certificates.push({ file, bytes: bytesOf(text) })
      }
      if (name === 'signedTimestamp') timestamps.push({ file, bytes: bytesOf(text) })
    })
  }
  return { certificates, timestamps }
}

/** The certificate that a bundle is signed with. */
export function leafOf(bundle: string): Uint8Array {
  const [leaf] = realMaterial(bundle).certificates
  if (leaf === undefined) throw new Error(`no certificate in ${bundle}`)
  return leaf.bytes
}
