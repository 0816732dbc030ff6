import { ActionError } from '../../errors.ts'
import type { Files } from '../../ports.ts'
import { parseAbsolute } from './paths.ts'
import { inputPath, type Places } from './roots.ts'

/** Reads a file that an input names for configuration: it may lie anywhere that the path says, unlike subjects. */
export async function readConfigFile(
  files: Files,
  text: string,
  places: Places,
  maxBytes: number,
): Promise<Uint8Array> {
  const path = inputPath(text, places)
  const prefix = parseAbsolute(path, places.platform)?.prefix
  if (prefix === undefined) throw new ActionError('INTERNAL', 'a resolved path is absolute')
  return files.read(path, [places.platform === 'win32' ? prefix.replaceAll('/', '\\') : prefix], maxBytes)
}
