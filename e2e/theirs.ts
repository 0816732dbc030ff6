/** Other people's bundles before our verifier: its library, which takes an identity alone, and the built action. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../sandbox/job.ts'
import { parseJson } from '../src/core/json.ts'
import { ActionError } from '../src/errors.ts'
import { artifactOfBytes } from '../src/sigstore/artifact.ts'
import { parseBundle } from '../src/sigstore/bundle.ts'
import { verifyIdentity } from '../src/sigstore/policy.ts'
import { parseTrustedRoot } from '../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../src/sigstore/verifier.ts'
import type { RunAction } from './action.ts'
import type { JobIdentity, TestIssuer } from './issuer.ts'
import { type Verdict, verdictOf } from './judges.ts'
import type { Signer } from './signers.ts'
import type { Stack } from './stack.ts'
import type { Tally, Trial } from './tally.ts'
import type { LogChoice, TrustFiles } from './trust.ts'
import { ARTIFACTS, createWorkspace, TRUSTED_ROOT, tampered } from './workspace.ts'

export interface Docket {
  readonly stack: Stack
  readonly issuer: TestIssuer
  readonly trust: TrustFiles
  readonly runAction: RunAction
  readonly tally: Tally
}

/** A bundle that somebody else made. */
interface Exhibit {
  readonly job: Job
  readonly claims: JobIdentity['claims']
  readonly issuer: string
  /** Names in the workspace. */
  readonly file: string
  readonly bundle: string
  readonly predicateType?: string
}

/** Lets each signer sign, and verifies what it made with and without one byte changed. */
export async function judgeTheirs(docket: Docket, log: LogChoice, signers: readonly Signer[]): Promise<void> {
  const identity = docket.issuer.addJob({})
  const job = await createWorkspace(docket.stack.folder, identity, docket.trust, log)
  mkdirSync(join(job.workspace, 'bundles'))
  const file = ARTIFACTS[1] ?? ''
  writeFileSync(join(job.workspace, 'changed.bin'), tampered(readFileSync(join(job.workspace, file))))
  const trials = signers.map(async (signer, i) => {
    const bundle = `bundles/${i}.sigstore.json`
    const { predicateType } = signer
    const about = { job, claims: identity.claims, issuer: docket.issuer.url, file, bundle }
    const exhibit = { ...about, ...(predicateType !== undefined && { predicateType }) }
    const failure = await letSign(docket, log, signer, identity, exhibit)
    // A program that cannot do it says nothing about us, but a table with a hole in it would pass for complete.
    if (failure !== undefined) return [{ ...trialOf(log, signer), passed: false, detail: failure }]
    return verifyTheirs(docket, log, signer, exhibit)
  })
  for (const trial of (await Promise.all(trials)).flat()) docket.tally.add(trial)
}

/** What went wrong, if anything did. */
async function letSign(
  { stack, trust }: Docket,
  log: LogChoice,
  signer: Signer,
  identity: JobIdentity,
  { job, file, bundle }: Exhibit,
): Promise<string | undefined> {
  const order = {
    folder: stack.folder,
    urls: stack.urls,
    trustedRoot: trust.trustedRoot,
    log,
    token: identity.token(),
    artifact: join(job.workspace, file),
    bundle: join(job.workspace, bundle),
  }
  try {
    await signer.sign(order)
    return undefined
  } catch (error) {
    return String(error)
  }
}

const trialOf = (log: LogChoice, { client, content, key = 'ECDSA P-256' }: Signer) => ({
  client,
  log: log.title,
  content,
  name: key,
})

async function verifyTheirs(
  { runAction }: Docket,
  log: LogChoice,
  signer: Signer,
  exhibit: Exhibit,
): Promise<readonly Trial[]> {
  const changed = { ...exhibit, file: 'changed.bin' }
  const about = trialOf(log, signer)
  const trial = (how: string, passed: boolean, { said }: Verdict): Trial => ({
    ...about,
    content: `${about.content}, ${how}`,
    passed,
    detail: said,
  })
  const library = askLibrary(exhibit)
  const action = verdictOf(await askAction(runAction, exhibit))
  const libraryOnChanged = askLibrary(changed)
  const actionOnChanged = verdictOf(await askAction(runAction, changed))
  return [
    trial('accepted by our library', library.accepted, library),
    trial('accepted by our action', action.accepted, action),
    trial('changed file refused', isRefusal(libraryOnChanged), libraryOnChanged),
    trial('changed file refused', isRefusal(actionOnChanged), actionOnChanged),
  ]
}

const isRefusal = ({ accepted, said }: Verdict): boolean =>
  !accepted && /SIG_DIGEST|SIG_INVALID|SUBJECT_MISMATCH/.test(said)

function askLibrary({ job, claims, issuer, file, bundle }: Exhibit): Verdict {
  const read = (name: string): Uint8Array => readFileSync(join(job.workspace, name))
  const rules = {
    maxBytes: 1 << 22,
    maxDepth: 32,
    malformed: 'TRUST_INVALID',
    tooLarge: 'TRUST_INVALID',
    tooDeep: 'TRUST_INVALID',
    duplicate: 'TRUST_INVALID',
  } as const
  try {
    const trust = parseTrustedRoot(parseJson(read(TRUSTED_ROOT), rules, TRUSTED_ROOT))
    const evidence = verifyBundle(parseBundle(read(bundle)), artifactOfBytes(read(file)), {
      trust,
      now: Date.now(),
    })
    verifyIdentity(evidence, { name: nameOf(claims), issuer })
    return { accepted: true, said: '' }
  } catch (error) {
    return {
      accepted: false,
      said: error instanceof ActionError ? `${error.code}: ${error.message}` : String(error),
    }
  }
}

const nameOf = (claims: Exhibit['claims']): string => `https://github.com/${claims['job_workflow_ref']}`

const askAction = (runAction: RunAction, { job, claims, issuer, file, bundle, predicateType }: Exhibit) =>
  runAction('verify', job, {
    'subject-path': file,
    'bundle-path': bundle,
    'trusted-root': TRUSTED_ROOT,
    'certificate-identity': nameOf(claims),
    'certificate-oidc-issuer': issuer,
    repository: String(claims['repository']),
    'source-ref': String(claims['ref']),
    'source-digest': String(claims['sha']),
    trigger: String(claims['event_name']),
    ...(predicateType !== undefined && { 'predicate-type': predicateType }),
  })
