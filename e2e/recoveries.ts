/** A bad night that ends well: what goes wrong with real servers for a while, and must be ridden out. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificate } from '../__tests__/host/certificate.ts'
import type { Job } from '../sandbox/job.ts'
import { startFront } from './front.ts'
import type { Stack } from './stack.ts'
import { falseClock, MINUTE, type Trouble, tryToSign } from './trouble.ts'
import type { LogChoice } from './trust.ts'
import { SIGNING_CONFIG } from './workspace.ts'

const LONG = { 'time-budget': '60s' }
/** Milliseconds that a question waits. */
const A_WHILE = 2500

/** Of one service, while a file is signed, until the step says that it has met the trouble. */
const INTERRUPTIONS: readonly {
  readonly name: string
  readonly begin: (stack: Stack) => Promise<void> | void
  readonly end: (stack: Stack) => Promise<void> | void
  readonly says: RegExp
}[] = [
  {
    name: 'Fulcio is down for a while',
    begin: (stack) => stack.stop('fulcio'),
    end: (stack) => stack.start('fulcio'),
    says: /::warning::Fulcio[^\n]*trying again/,
  },
  {
    name: 'the transparency log is down for a while',
    begin: (stack) => stack.stop('rekor-v2'),
    end: (stack) => stack.start('rekor-v2'),
    says: /::warning::Rekor[^\n]*trying again/,
  },
]

/** Afterwards the stack is as it was. */
export async function rideOut(trouble: Trouble): Promise<void> {
  const [log] = trouble.trust.logs
  if (log === undefined) throw new Error('the stack lacks a log')
  for (const { name, begin, end, says } of INTERRUPTIONS) {
    await begin(trouble.stack)
    const identity = trouble.stack.issuer.addJob({})
    const met = Promise.withResolvers<void>()
    const attempt = {
      name,
      identity,
      inputs: LONG,
      says,
      watch: (text: string) => {
        if (says.test(text)) met.resolve()
      },
    }
    const signed = tryToSign(trouble, log, attempt)
    await Promise.all([signed, Promise.race([met.promise, signed]).then(() => end(trouble.stack))])
  }
  await hang(trouble, log)
  await overload(trouble, log)
  await wrongClock(trouble, log)
}

/** An authority that takes the question and says nothing for a while; nor does the step, which waits. */
async function hang(trouble: Trouble, log: LogChoice): Promise<void> {
  const { stack } = trouble
  const { tsa } = stack.urls
  await using front = await startFront(tsa, {})
  stack.pause('tsa')
  let didWait = false
  const signed = tryToSign(trouble, log, {
    name: 'the timestamp authority hangs for a while',
    identity: stack.issuer.addJob({}),
    inputs: LONG,
    prepare: (job) => redirect(job, tsa, `${front.url}${new URL(tsa).pathname}`),
    faults: () => (didWait ? [] : ['no question waited for the authority']),
  })
  await Promise.race([front.asked.then(() => sleep(A_WHILE)), signed])
  didWait = front.waiting() > 0
  stack.resume('tsa')
  await signed
}

const FILES = 40

/** Forty files at a log before which no more than four requests may wait. */
async function overload(trouble: Trouble, log: LogChoice): Promise<void> {
  const { urls, issuer } = trouble.stack
  await using front = await startFront(urls.rekorV2, { most: 4 })
  await tryToSign(trouble, log, {
    name: 'the transparency log is overloaded',
    identity: issuer.addJob({}),
    count: FILES,
    inputs: { ...LONG, 'subject-path': 'many/*' },
    says: /::warning::Rekor[^\n]*answers 503/,
    faults: () => (front.refused() > 0 ? [] : ['the log was not overloaded']),
    prepare: (job) => {
      redirect(job, urls.rekorV2, front.url)
      for (let i = 0; i < FILES; i += 1) writeInto(job, `many/${i}.txt`, `file ${i}`)
    },
  })
}

/** Over TLS the clocks of the services are believed, and a step sees that its own is wrong. */
async function wrongClock(trouble: Trouble, log: LogChoice): Promise<void> {
  const { urls, issuer } = trouble.stack
  const { keyPem: key, pem: cert } = makeCertificate({ name: 'localhost' })
  const tls = { key, cert }
  await using token = await startFront(issuer.url, { tls })
  await using fulcio = await startFront(urls.fulcio, { tls })
  await using rekor = await startFront(urls.rekorV2, { tls })
  await using tsa = await startFront(urls.tsa, { tls })
  const path = new URL(urls.tsa).pathname
  for (const [name, offset] of [
    ['a clock that is five minutes fast, and services over TLS', 5 * MINUTE],
    ['a clock that is five minutes slow, and services over TLS', -5 * MINUTE],
  ] as const) {
    const way = offset > 0 ? 'ahead' : 'behind'
    const identity = issuer.addJob({})
    await tryToSign(trouble, log, {
      name,
      identity: { ...identity, tokenUrl: identity.tokenUrl.replace(issuer.url, token.url) },
      inputs: { ...LONG, 'ca-certificates': 'ca.pem' },
      env: falseClock(offset),
      says: new RegExp(`the clock of this machine is (?:299|300|301) s ${way}`),
      prepare: (job) => {
        writeInto(job, 'ca.pem', cert)
        redirect(job, urls.fulcio, fulcio.url)
        redirect(job, urls.rekorV2, rekor.url)
        redirect(job, urls.tsa, `${tsa.url}${path}`)
      },
    })
  }
}

/** Puts one address in place of another in the job's signing config. */
function redirect(job: Job, from: string, to: string): void {
  const path = join(job.workspace, SIGNING_CONFIG)
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"${from}"`, `"${to}"`))
}

function writeInto({ workspace }: Job, name: string, content: string): void {
  const path = join(workspace, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
