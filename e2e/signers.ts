import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tools } from './build.ts'
import { succeed } from './command.ts'
import { privateEnvironment } from './processes.ts'
import type { StackUrls } from './stack.ts'
import { type Claim, CYCLONEDX, SCAN, SLSA_1, SLSA_02, SPDX, statementAbout } from './statement.ts'
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
  readonly content: string
  /** Of an attestation. */
  readonly predicateType?: string
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

const SIGNATURE = 'message signature'

export function createSigners(tools: Tools): readonly Signer[] {
  return [...signersOfBytes(tools), ...signersOfStatements(tools)]
}

const namesOf = ({ versions }: Tools) => ({
  cosign: `cosign ${versions.cosign}`,
  python: `sigstore-python ${versions['sigstore-python']}`,
  go: `sigstore-go ${versions['sigstore-go']}`,
})

function signersOfBytes(tools: Tools): readonly Signer[] {
  const { programs, python } = tools
  const names = namesOf(tools)
  const go = programs['sigstore-go-sign']
  return [
    { client: names.cosign, content: SIGNATURE, sign: (order) => cosignBlob(programs.cosign, order) },
    { client: names.python, content: SIGNATURE, sign: (order) => pythonSign(python, order) },
    { client: names.go, content: SIGNATURE, sign: (order) => goSign(go, order) },
    ...OTHER_KEYS.map((key) => ({
      client: names.go,
      content: SIGNATURE,
      key,
      sign: (order: Order) => goSign(go, order, `-key=${key}`),
    })),
  ]
}

/** Left to itself cosign writes statements of version 0.1; the others write version 1. */
function signersOfStatements(tools: Tools): readonly Signer[] {
  const { programs, python } = tools
  const names = namesOf(tools)
  const attesting = (content: string, { type }: Claim, sign: Signer['sign'], client: string): Signer => ({
    client,
    content,
    predicateType: type,
    sign,
  })
  const byCosign = (content: string, claim: Claim, type: string): Signer =>
    attesting(content, claim, (order) => cosignAttest(programs.cosign, order, claim, type), names.cosign)
  const byPython = (content: string, claim: Claim): Signer =>
    attesting(content, claim, (order) => pythonAttest(python, order, claim), names.python)
  const byGo = (content: string, claim: Claim, others: number): Signer =>
    attesting(
      content,
      claim,
      (order) => goAttest(programs['sigstore-go-sign'], order, claim, others),
      names.go,
    )
  return [
    byCosign('provenance', SLSA_1, 'slsaprovenance1'),
    byCosign('provenance v0.2', SLSA_02, 'slsaprovenance02'),
    byCosign('SBOM in SPDX', SPDX, 'spdxjson'),
    byCosign('SBOM in CycloneDX', CYCLONEDX, 'cyclonedx'),
    byCosign('custom', SCAN, SCAN.type),
    attesting(
      'provenance, statement v1',
      SLSA_1,
      (order) => cosignStatement(programs.cosign, order, SLSA_1),
      names.cosign,
    ),
    byPython('provenance', SLSA_1),
    byPython('provenance v0.2', SLSA_02),
    byGo('provenance', SLSA_1, 0),
    byGo('custom, 1,024 subjects', SCAN, 1023),
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

/** `type` is cosign's own short name, or a URI. */
const cosignAttest = (cosign: string, order: Order, claim: Claim, type: string): Promise<void> =>
  call(cosign, order, [
    'attest-blob',
    ...cosignOptions(order),
    `--type=${type}`,
    `--predicate=${writePredicate(order, claim)}`,
    order.artifact,
  ])

const cosignStatement = (cosign: string, order: Order, claim: Claim): Promise<void> =>
  call(cosign, order, [
    'attest-blob',
    ...cosignOptions(order),
    `--statement=${writeStatement(order, claim, 0)}`,
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

const pythonAttest = (python: string, order: Order, claim: Claim): Promise<void> =>
  call(python, order, [
    ...['-m', 'sigstore', '--trust-config', order.log.trustConfig, 'attest'],
    ...['--predicate', writePredicate(order, claim), '--predicate-type', claim.type],
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

const goAttest = (program: string, order: Order, claim: Claim, others: number): Promise<void> =>
  goSign(program, { ...order, artifact: writeStatement(order, claim, others) }, `-type=${STATEMENT}`)

function writeStatement({ artifact, bundle }: Order, claim: Claim, others: number): string {
  const path = `${bundle}.statement.json`
  writeFileSync(path, JSON.stringify(statementAbout(artifact, claim, others)))
  return path
}

function writePredicate({ bundle }: Order, { predicate }: Claim): string {
  const path = `${bundle}.predicate.json`
  writeFileSync(path, JSON.stringify(predicate))
  return path
}
