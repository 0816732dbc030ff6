import { parseUtf8 } from '../../core/bytes.ts'
import { type JsonObject, parseJson } from '../../core/json.ts'
import { isJsonObject } from '../../core/json-reader.ts'
import type { World } from '../../ports.ts'
import { readConfigFile } from './config-file.ts'
import type { SignJob } from './job.ts'

const MAX_EVENT = 32 * 1024 * 1024

/** The payload of the event that started the run, as the runner wrote it down; undefined if there is none. ENVIRONMENT. */
export async function readEvent({ files }: World, job: SignJob): Promise<JsonObject | undefined> {
  if (job.eventPath === undefined || (await files.kind(job.eventPath)) !== 'file') return undefined
  const bytes = await readConfigFile(files, job.eventPath, job, MAX_EVENT)
  const code = 'ENVIRONMENT'
  const rules = { malformed: code, tooLarge: code, tooDeep: code, duplicate: code } as const
  const text = parseUtf8(bytes, code, 'the payload of the event').replace(/^\ufeff/, '')
  if (text.trim() === '') return undefined
  const event = parseJson(text, { maxBytes: MAX_EVENT, maxDepth: 256, ...rules }, 'the payload of the event')
  return isJsonObject(event) ? event : undefined
}
