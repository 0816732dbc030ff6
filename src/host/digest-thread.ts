import { Worker } from 'node:worker_threads'
import { ActionError } from '../errors.ts'
import type { DigestElsewhere } from '../ports.ts'

/**
 * All that the thread runs. Text and not a file, so that each action stays one file. It sees the bytes of files and
 * nothing else: no environment, no key. Answers come in the order of the questions.
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const hashes = new Map()
parentPort.on('message', ({ id, chunk }) => {
  const hash = hashes.get(id) ?? createHash('sha256')
  if (chunk === undefined) {
    hashes.delete(id)
    parentPort.postMessage(new Uint8Array(hash.digest()))
  } else {
    hashes.set(id, hash.update(chunk))
    parentPort.postMessage(undefined)
  }
})
`

/** MiB. It holds a few small objects at a time. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 }

interface Question {
  readonly id: number
  /** Absent: what is the digest of all that came? */
  readonly chunk?: Uint8Array
}

type Ask = (question: Question) => Promise<Uint8Array | undefined>

/** Digests on one more thread, which starts with the first of them. It keeps the process alive only while it is asked. */
export function digestThread(): () => DigestElsewhere {
  let ask: Ask | undefined
  let count = 0
  return () => {
    const id = count++
    ask ??= startThread()
    const asked = ask
    return {
      update: async (chunk) => {
        await asked({ id, chunk })
      },
      finish: async () => {
        const digest = await asked({ id })
        if (digest === undefined) throw new ActionError('INTERNAL', 'the thread for digests lost one')
        return digest
      },
    }
  }
}

interface Waiting {
  readonly resolve: (answer: Uint8Array | undefined) => void
  readonly reject: (error: ActionError) => void
}

function startThread(): Ask {
  const worker = new Worker(PROGRAM, { eval: true, env: {}, execArgv: [], resourceLimits: LIMITS })
  const waiting: Waiting[] = []
  let failure: ActionError | undefined
  const fail = (cause: unknown): void => {
    failure ??= new ActionError('INTERNAL', 'the thread for digests ended', { cause })
    for (const one of waiting.splice(0)) one.reject(failure)
  }
  worker.unref()
  worker.on('message', (answer: Uint8Array | undefined) => {
    waiting.shift()?.resolve(answer)
    if (waiting.length === 0) worker.unref()
  })
  worker.on('error', fail)
  worker.on('exit', fail)
  return (question) => {
    if (failure !== undefined) return Promise.reject(failure)
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      worker.ref()
      worker.postMessage(question)
    })
  }
}
