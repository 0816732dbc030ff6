/** What really goes wrong with real servers. Each must end in the documented code, exit code 1 and no bundle. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { type JobTokens, startIssuer } from './issuer.ts'
import type { Stack } from './stack.ts'
import { falseClock, MINUTE, type Trouble, tryToSign } from './trouble.ts'
import { type LogChoice, readTrustedRoot } from './trust.ts'
import { TRUSTED_ROOT } from './workspace.ts'

export interface Failure {
  readonly name: string
  readonly code: string
  /** Of the job's tokens. Asked for when the job starts: their times are relative to it. */
  readonly tokens?: () => JobTokens
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Brings the failure about, for this and all that follow. */
  readonly cause?: (stack: Stack) => Promise<void> | void
  /** Takes it back. */
  readonly undo?: (stack: Stack) => Promise<void> | void
  /** What must be told to have become public, as the report names it; nothing without it. */
  readonly becamePublic?: readonly PublicKind[]
  /** Spoils the workspace's trusted root. */
  readonly editRoot?: (root: ReturnType<typeof readTrustedRoot>) => void
  /** What the error must say besides. */
  readonly says?: RegExp
}

/** `?` where only the answer was lost: perhaps it did. */
export type PublicKind = 'certificate' | 'certificate?' | 'entry' | 'entry?'

const HOUR = 3600

const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow

let brokenCtLog: Server | undefined

/** A server that answers 500 to everything, in place of the CT log. */
async function breakCtLog(stack: Stack): Promise<void> {
  await stack.stop('ctlog')
  const server = createServer((_, response) => response.writeHead(500).end())
  server.listen(Number(new URL(stack.urls.ctlog).port), '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  brokenCtLog = server
}

/** In this order: what stops a server stays stopped. */
const OF_REKOR_V2: readonly Failure[] = [
  {
    name: 'the token is for another audience',
    code: 'TOKEN_AUDIENCE',
    tokens: () => ({ audience: 'https://github.com/octo' }),
  },
  {
    name: 'an audience that Fulcio does not serve',
    code: 'FULCIO_REFUSED',
    inputs: { 'oidc-audience': 'another-service' },
  },
  {
    name: 'the token has expired',
    code: 'TOKEN_EXPIRED',
    tokens: () => ({ claims: { iat: seconds(-HOUR), nbf: seconds(-HOUR), exp: seconds(-HOUR / 2) } }),
  },
  {
    name: 'the token is from the future',
    code: 'TOKEN_NOT_YET',
    tokens: () => ({ claims: { iat: seconds(300), nbf: seconds(300), exp: seconds(600) } }),
  },
  {
    name: 'a clock that is five minutes fast',
    code: 'TOKEN_EXPIRED',
    env: falseClock(5 * MINUTE),
    says: /clock/,
  },
  {
    name: 'a clock that is five minutes slow',
    code: 'TOKEN_NOT_YET',
    env: falseClock(-5 * MINUTE),
    says: /clock/,
  },
  {
    name: 'the token is about another run',
    code: 'TOKEN_IDENTITY',
    tokens: () => ({ claims: { run_id: '43' } }),
  },
  {
    name: 'the trusted root lacks the CT log',
    code: 'SCT_UNKNOWN_LOG',
    editRoot: (root) => {
      // Another log of the same kind in its place.
      root.ctlogs = root.tlogs.filter(({ publicKey }) => publicKey.keyDetails.includes('ECDSA'))
    },
    becamePublic: ['certificate'],
  },
  {
    name: 'the trusted root lacks the transparency log',
    code: 'TLOG_UNKNOWN_LOG',
    editRoot: (root) => {
      root.tlogs = root.tlogs.slice(1)
    },
    becamePublic: ['certificate', 'entry'],
  },
  {
    name: 'the trusted root lacks the timestamp authority',
    code: 'TSA_SIGNER',
    editRoot: (root) => {
      root.timestampAuthorities = []
    },
    becamePublic: ['certificate', 'entry'],
  },
  {
    name: 'the timestamp authority hangs',
    code: 'NET_TIMEOUT',
    cause: (stack) => stack.pause('tsa'),
    undo: (stack) => stack.resume('tsa'),
    becamePublic: ['certificate', 'entry'],
    says: /timestamp authority/,
  },
  {
    name: 'the timestamp authority is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('tsa'),
    becamePublic: ['certificate', 'entry'],
  },
  {
    name: 'the transparency log is frozen',
    code: 'TLOG_FROZEN',
    cause: (stack) => stack.start('rekor-v2', '--read-only'),
    becamePublic: ['certificate'],
  },
  {
    name: 'the transparency log hangs',
    code: 'NET_TIMEOUT',
    cause: (stack) => stack.pause('rekor-v2'),
    undo: (stack) => stack.resume('rekor-v2'),
    becamePublic: ['certificate', 'entry?'],
    says: /Rekor/,
  },
  {
    name: 'the transparency log is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('rekor-v2'),
    becamePublic: ['certificate'],
  },
]

/** Of Rekor v1, which does without the authority that is gone by now. */
const OF_REKOR_V1: readonly Failure[] = [
  {
    name: 'the transparency log has lost its storage',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('trillian'),
    becamePublic: ['certificate', 'entry?'],
    says: /Rekor at localhost:[0-9]+ answers 500/,
  },
  {
    name: 'the transparency log is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('rekor-v1'),
    becamePublic: ['certificate'],
  },
]

const OF_FULCIO: readonly Failure[] = [
  {
    name: 'the CT log answers 500, and so does Fulcio',
    code: 'NET_UNREACHABLE',
    cause: breakCtLog,
    becamePublic: ['certificate?'],
  },
  {
    // Fulcio tries the log again for as long as its client waits.
    name: 'the CT log is gone, and Fulcio waits for it',
    code: 'NET_TIMEOUT',
    cause: async () => {
      brokenCtLog?.close()
    },
    becamePublic: ['certificate?'],
  },
  {
    name: 'Fulcio is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('fulcio'),
  },
]

/** Provokes them one after the other. Afterwards the stack is of no more use. */
export async function provokeFailures(trouble: Trouble): Promise<void> {
  const [v2, , v1] = trouble.trust.logs
  if (v2 === undefined || v1 === undefined) throw new Error('the stack lacks a log')
  await foreignIssuer(trouble, v2)
  const harmless = OF_REKOR_V2.filter(({ cause }) => cause === undefined)
  await inPairs(harmless, (failure) => provoke(trouble, v2, failure))
  for (const failure of OF_REKOR_V2.filter(({ cause }) => cause !== undefined)) {
    await provoke(trouble, v2, failure)
  }
  for (const failure of OF_REKOR_V1) await provoke(trouble, v1, failure)
  for (const failure of OF_FULCIO) await provoke(trouble, v2, failure)
}

/** Two at a time: more would only wait for each other. */
async function inPairs<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await act(one)
  }
  await Promise.all([work(), work()])
}

async function provoke(trouble: Trouble, log: LogChoice, failure: Failure): Promise<void> {
  const { stack } = trouble
  await failure.cause?.(stack)
  await tryToSign(trouble, log, {
    ...failure,
    inputs: { ...(failure.cause === undefined && { 'time-budget': '60s' }), ...failure.inputs },
    identity: stack.issuer.addJob({}, failure.tokens?.()),
    prepare: ({ workspace }) => {
      if (failure.editRoot === undefined) return
      const path = join(workspace, TRUSTED_ROOT)
      const root = readTrustedRoot(path)
      failure.editRoot(root)
      writeFileSync(path, JSON.stringify(root))
    },
  })
  await failure.undo?.(stack)
}

/** An issuer that Fulcio was never told about. */
async function foreignIssuer(trouble: Trouble, log: LogChoice): Promise<void> {
  const foreign = await startIssuer()
  try {
    await tryToSign(trouble, log, {
      name: 'an issuer that Fulcio does not know',
      code: 'FULCIO_REFUSED',
      inputs: { 'time-budget': '60s' },
      identity: foreign.addJob({}),
    })
  } finally {
    await foreign.close()
  }
}
