import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Beside the project, never in it. */
export const SHARED_DATA = resolve('../shared/data')

export const ABSENT = { absent: '../shared/data is absent' } as const

export const hasSharedData = (path = 'conformance/index.json'): boolean => existsSync(join(SHARED_DATA, path))
