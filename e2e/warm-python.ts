import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { superviseProcesses } from './processes.ts'
import { PYTHON_FOLDER } from './programs.ts'

/** A `python` for the recipe that has sigstore-python loaded already. Disposal ends it. */
export interface WarmPython extends AsyncDisposable {
  /** The folder that it is in, for PATH. */
  readonly bin: string
}

/**
 * Most of what a call of sigstore-python takes is to load it. This `python` hands a call to a process that has loaded it
 * and forks for each: the same command line, the same program, a fresh process.
 */
export async function startWarmPython(python: string, folder: string): Promise<WarmPython> {
  const bin = join(folder, 'warm')
  const socket = join(bin, 'socket')
  mkdirSync(bin)
  const command = [python, '-IS', join(PYTHON_FOLDER, 'ask.py'), socket].map((word) => `'${word}'`).join(' ')
  writeFileSync(join(bin, 'python'), `#!/bin/sh\nexec ${command} "$@"\n`)
  chmodSync(join(bin, 'python'), 0o700)
  const processes = superviseProcesses(folder)
  const args = [join(PYTHON_FOLDER, 'warm.py'), socket]
  await processes.start({ name: 'warm-python', file: python, args, ready: /^(ready)$/m })
  return { bin, [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose]() }
}
