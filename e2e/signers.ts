import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tools } from './build.ts'
import { succeed } from './command.ts'
import { privateEnvironment } from './processes.ts'
import type { StackUrls } from './stack.ts'
import { PROVENANCE, predicate, statementAbout } from './statement.ts'
import type { LogChoice } from './trust.ts'

/** What a signer is given. */
export interface Order {
  readonly folder: string
  readonly urls: StackUrls
  readonly trustedRoot: string
  readonly log: LogChoice
  readonly token: string
  /** Paths of the file and of the bundle to be made. */
  readonly artifact: string
  readonly bundle: string
}

/** A way in which somebody else's program makes bundles. */
export interface Signer {
  readonly client: string
  readonly content: 'message signature' | 'DSSE provenance'
  /** Throws with all that the program printed. */
  readonly sign: (order: Order) => Promise<void>
  /** Of the key, where it is not P-256. */
  readonly key?: string
}

const STATEMENT = 'application/vnd.in-toto+json'

/** Keys that Fulcio certifies and sigstore-go can make. */
const OTHER_KEYS = [
  'PKIX_ECDSA_P384_SHA_384',
  'PKIX_ECDSA_P521_SHA_512',
  'PKIX_RSA_PKCS1V15_2048_SHA256',
  'PKIX_RSA_PKCS1V15_4096_SHA256',
]

export function createSigners({ programs, python, versions }: Tools): readonly Signer[] {
  const cosign = `cosign ${versions.cosign}`
  const sigstorePython = `sigstore-python ${versions['sigstore-python']}`
  const sigstoreGo = `sigstore-go ${versions['sigstore-go']}`
  const go = programs['sigstore-go-sign']
  return [
    { client: cosign, content: 'message signature', sign: (order) => cosignBlob(programs.cosign, order) },
    { client: cosign, content: 'DSSE provenance', sign: (order) => cosignAttest(programs.cosign, order) },
    { client: sigstorePython, content: 'message signature', sign: (order) => pythonSign(python, order) },
    { client: sigstorePython, content: 'DSSE provenance', sign: (order) => pythonAttest(python, order) },
    { client: sigstoreGo, content: 'message signature', sign: (order) => goSign(go, order) },
    ...OTHER_KEYS.map((key) => ({
      client: sigstoreGo,
      content: 'message signature' as const,
      key,
      sign: (order: Order) => goSign(go, order, `-key=${key}`),
    })),
    {
      client: sigstoreGo,
      content: 'DSSE provenance',
      sign: (order) => goSign(go, { ...order, artifact: writeStatement(order) }, `-type=${STATEMENT}`),
    },
  ]
}

const call = async (file: string, { folder }: Order, args: readonly string[]): Promise<void> => {
  await succeed({ file, args, cwd: folder, env: privateEnvironment(join(folder, 'home')) })
}

const cosignOptions = ({ token, log, trustedRoot, bundle }: Order): readonly string[] => [
  '--yes',
  `--identity-token=${token}`,
  `--signing-config=${log.signingConfig}`,
  `--trusted-root=${trustedRoot}`,
  `--bundle=${bundle}`,
]

const cosignBlob = (cosign: string, order: Order): Promise<void> =>
  call(cosign, order, ['sign-blob', ...cosignOptions(order), order.artifact])

const cosignAttest = (cosign: string, order: Order): Promise<void> =>
  call(cosign, order, [
    'attest-blob',
    ...cosignOptions(order),
    '--type=slsaprovenance1',
    `--predicate=${writePredicate(order)}`,
    order.artifact,
  ])

const pythonOptions = ({ token, bundle, artifact }: Order): readonly string[] => [
  '--identity-token',
  token,
  '--bundle',
  bundle,
  artifact,
]

const pythonSign = (python: string, order: Order): Promise<void> =>
  call(python, order, [
    '-m',
    'sigstore',
    '--trust-config',
    order.log.trustConfig,
    'sign',
    ...pythonOptions(order),
  ])

const pythonAttest = (python: string, order: Order): Promise<void> =>
  call(python, order, [
    ...['-m', 'sigstore', '--trust-config', order.log.trustConfig, 'attest'],
    ...['--predicate', writePredicate(order), '--predicate-type', PROVENANCE],
    ...pythonOptions(order),
  ])

function goSign(program: string, order: Order, ...more: readonly string[]): Promise<void> {
  const { urls, log, token, bundle, artifact } = order
  const rekor = log.rekorVersion === 2 ? urls.rekorV2 : urls.rekorV1
  return call(program, order, [
    `-fulcio=${urls.fulcio}`,
    `-rekor=${rekor}`,
    `-rekor-version=${log.rekorVersion}`,
    ...(log.hasAuthority ? [`-tsa=${urls.tsa}`] : []),
    `-token=${token}`,
    `-bundle=${bundle}`,
    ...more,
    artifact,
  ])
}

function writeStatement({ artifact, bundle }: Order): string {
  const path = `${bundle}.statement.json`
  writeFileSync(path, JSON.stringify(statementAbout(artifact)))
  return path
}

function writePredicate({ bundle }: Order): string {
  const path = `${bundle}.predicate.json`
  writeFileSync(path, JSON.stringify(predicate))
  return path
}
