import { dirname, join } from 'node:path'

/** Beside the program that the runner started: `dist/artifact.js`, which is loaded only when an artifact is asked for. */
export const uploader = join(dirname(process.argv[1] ?? ''), 'artifact.js')
