import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { MAX_BUNDLE_BYTES, parseBundle } from '../../sigstore/bundle.ts'
import { linesOf } from '../bundles/bundle-lines.ts'
import type { SignInputs } from '../inputs/sign-inputs.ts'
import { mapConcurrently } from '../job/concurrently.ts'

const AT_ONCE = 8

export const MAX_LINES_BYTES = 1024 * 1024 * 1024

/**
 * Whether bundles are already at the places of the bundles, in their order: nothing is overwritten that is not a Sigstore
 * bundle. OUTPUT_EXISTS, OUTPUT_PATH.
 */
export async function findExisting(
  files: Files,
  inputs: SignInputs,
  roots: readonly string[],
  paths: readonly string[],
): Promise<readonly boolean[]> {
  const asked = new Map<string, Promise<boolean>>()
  return mapConcurrently(paths, AT_ONCE, (path) => {
    const known = asked.get(path) ?? holdsBundle(files, inputs, roots, path)
    asked.set(path, known)
    return known
  })
}

async function holdsBundle(
  files: Files,
  { existingBundles }: SignInputs,
  roots: readonly string[],
  path: string,
): Promise<boolean> {
  const kind = await files.kind(path)
  if (kind === undefined) return false
  if (existingBundles === 'fail') {
    throw new ActionError(
      'OUTPUT_EXISTS',
      `${quote(path)} is there already, and \`existing-bundles\` is \`fail\``,
    )
  }
  if (kind !== 'file') throw new ActionError('OUTPUT_PATH', `${quote(path)} is there already and is no file`)
  const isLines = path.endsWith('.jsonl')
  const bytes = await files.read(path, roots, isLines ? MAX_LINES_BYTES : MAX_BUNDLE_BYTES)
  try {
    for (const text of isLines ? linesOf(bytes) : [bytes]) parseBundle(text)
  } catch (cause) {
    throw new ActionError('OUTPUT_EXISTS', `${quote(path)} is there already and is no Sigstore bundle`, {
      cause,
      hint: 'Move that file away, or choose another `bundle-path`: nothing is overwritten but bundles.',
    })
  }
  return true
}
