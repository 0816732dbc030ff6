/** What really goes wrong with real servers. Each must end in the documented code, exit code 1 and no bundle. */
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { ActionRun, RunAction } from './action.ts'
import { type JobTokens, startIssuer } from './issuer.ts'
import type { Stack } from './stack.ts'
import type { Tally } from './tally.ts'
import { type LogChoice, readTrustedRoot, type TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, instanceInputs, TRUSTED_ROOT } from './workspace.ts'

interface Failure {
  readonly name: string
  readonly code: string
  /** Of the job's tokens. Asked for when the job starts: their times are relative to it. */
  readonly tokens?: () => JobTokens
  readonly inputs?: Readonly<Record<string, string>>
  /** Brings the failure about, for this and all that follow. */
  readonly cause?: (stack: Stack) => Promise<void>
  /** What the log must say became public; without it, that nothing did. */
  readonly becamePublic?: RegExp
  /** Spoils the workspace's trusted root. */
  readonly editRoot?: (root: ReturnType<typeof readTrustedRoot>) => void
}

const FILE = ARTIFACTS[0] ?? ''
const PATIENCE = '3s'
const NOTHING_PUBLIC = /^(?![\s\S]*became public)/
/** Fulcio may have logged a precertificate before its answer went wrong. */
const PERHAPS_CERTIFICATE = /perhaps[^\n]* a certificate for/
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
const FAILURES: readonly Failure[] = [
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
    name: 'the token is from the future: a clock five minutes off',
    code: 'TOKEN_NOT_YET',
    tokens: () => ({ claims: { iat: seconds(300), nbf: seconds(300), exp: seconds(600) } }),
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
    becamePublic: /a certificate for/,
  },
  {
    name: 'the trusted root lacks the transparency log',
    code: 'TLOG_UNKNOWN_LOG',
    editRoot: (root) => {
      root.tlogs = root.tlogs.slice(1)
    },
    becamePublic: /entry [0-9]+ for/,
  },
  {
    name: 'the trusted root lacks the timestamp authority',
    code: 'TSA_SIGNER',
    editRoot: (root) => {
      root.timestampAuthorities = []
    },
    becamePublic: /entry [0-9]+ for/,
  },
  {
    name: 'the timestamp authority is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('tsa'),
    becamePublic: /entry [0-9]+ for/,
  },
  {
    name: 'the transparency log is frozen',
    code: 'TLOG_FROZEN',
    cause: (stack) => stack.freezeRekorV2(),
    becamePublic: /a certificate for/,
  },
  {
    name: 'the transparency log is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('rekor-v2'),
    becamePublic: /a certificate for/,
  },
  {
    name: 'the CT log answers 500, and so does Fulcio',
    code: 'NET_UNREACHABLE',
    cause: breakCtLog,
    becamePublic: PERHAPS_CERTIFICATE,
  },
  {
    // Fulcio tries the log again for as long as its client waits.
    name: 'the CT log is gone, and Fulcio waits for it',
    code: 'NET_TIMEOUT',
    cause: async () => {
      brokenCtLog?.close()
    },
    becamePublic: PERHAPS_CERTIFICATE,
  },
  {
    name: 'Fulcio is down',
    code: 'NET_UNREACHABLE',
    cause: (stack) => stack.stop('fulcio'),
    // Nothing did, but a client cannot always know that a request never arrived.
    becamePublic: /perhaps|^(?![\s\S]*became public)/,
  },
]

export interface Trouble {
  readonly stack: Stack
  readonly trust: TrustFiles
  readonly log: LogChoice
  readonly runAction: RunAction
  readonly tally: Tally
}

/** Provokes them one after the other. Afterwards the stack is of no more use. */
export async function provokeFailures(trouble: Trouble): Promise<void> {
  const { stack, trust, log, runAction, tally } = trouble
  await foreignIssuer(trouble)
  for (const failure of FAILURES) {
    await failure.cause?.(stack)
    const identity = stack.issuer.addJob({}, failure.tokens?.())
    const job = await createWorkspace(stack.folder, identity, trust, log)
    if (failure.editRoot !== undefined) {
      const path = join(job.workspace, TRUSTED_ROOT)
      const root = readTrustedRoot(path)
      failure.editRoot(root)
      writeFileSync(path, JSON.stringify(root))
    }
    const inputs = {
      ...instanceInputs(log),
      'subject-path': FILE,
      'time-budget': PATIENCE,
      ...failure.inputs,
    }
    const done = await runAction('sign', job, inputs)
    addTrial(tally, log, failure, done, join(job.workspace, `${FILE}.sigstore.json`))
  }
}

/** An issuer that Fulcio was never told about. */
async function foreignIssuer({ stack, trust, log, runAction, tally }: Trouble): Promise<void> {
  const foreign = await startIssuer()
  try {
    const job = await createWorkspace(stack.folder, foreign.addJob({}), trust, log)
    const done = await runAction('sign', job, { ...instanceInputs(log), 'subject-path': FILE })
    const failure = { name: 'an issuer that Fulcio does not know', code: 'FULCIO_REFUSED' }
    addTrial(tally, log, failure, done, join(job.workspace, `${FILE}.sigstore.json`))
  } finally {
    await foreign.close()
  }
}

function addTrial(tally: Tally, log: LogChoice, failure: Failure, done: ActionRun, bundle: string): void {
  const { code, outputs, log: said } = done
  const faults = [
    ...(code === 1 ? [] : [`exit code ${code}`]),
    ...(outputs['error-code'] === failure.code
      ? []
      : [`error-code ${outputs['error-code']}, not ${failure.code}`]),
    ...((failure.becamePublic ?? NOTHING_PUBLIC).test(said) ? [] : ['what became public is not told right']),
    ...(outputs['bundle-paths'] === '' && !existsSync(bundle) ? [] : ['a bundle was left']),
    ...(hasToken(said, outputs) ? ['a token was printed'] : []),
  ]
  tally.add({
    client: 'keyless sign',
    log: log.title,
    content: failure.name,
    name: failure.code,
    passed: faults.length === 0,
    detail: `${faults.join('; ')}\n${said}`,
  })
}

/** Tokens may stand in the one line that tells the runner to hide them, and nowhere else. */
function hasToken(said: string, { 'report-path': report = '' }: ActionRun['outputs']): boolean {
  const shown = said.replace(/^::add-mask::.*$/gm, '') + (report === '' ? '' : readFileSync(report, 'utf8'))
  return /eyJ[A-Za-z0-9_-]{20,}\.eyJ/.test(shown)
}
