import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeBundle } from '../../sandbox/bundles.ts'
import type { TrustedRootJson } from '../../sandbox/trust-files.ts'
import { type Artifact, artifactOfBytes, artifactOfDigests } from '../../src/sigstore/artifact.ts'
import type { ExactIdentity } from '../../src/sigstore/policy.ts'
import { statementOf } from '../properties/good-bundles.ts'
import { SHARED_DATA } from '../properties/shared-data.ts'
import { IDENTITY, type Instance } from './instances.ts'

/** A good bundle, with all that it is to be judged by. */
export interface Specimen {
  readonly name: string
  /** Where it comes from: `sandbox`, `production`, `staging`, … */
  readonly group: string
  /** `message` or `DSSE`, and the version of Rekor. */
  readonly kind: string
  readonly bundle: unknown
  readonly artifact: Artifact
  /** The file itself, for the other verifier; empty where only its digest is known. */
  readonly file: Uint8Array
  readonly root: TrustedRootJson
  readonly identity: ExactIdentity
}

interface Case {
  readonly name: string
  readonly expect: 'pass' | 'fail'
  readonly artifact?: string | null
  readonly digest?: string | null
  readonly trusted_root: string
  readonly key?: string | null
  readonly identity?: string | null
  readonly issuer?: string | null
  readonly bundle: string
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** Each read once: who asks again gets the same object. */
function rootReader(): (path: string) => TrustedRootJson {
  const known = new Map<string, TrustedRootJson>()
  return (path) => {
    const root = known.get(path) ?? readJson(path)
    known.set(path, root)
    return root
  }
}

function kindOf(bundle: unknown): string {
  const text = JSON.stringify(bundle)
  const form = text.includes('"messageSignature"') ? 'message' : 'DSSE'
  if (!text.includes('"kindVersion"')) return `${form}, no log`
  return `${form}, Rekor v${text.includes('"version":"0.0.2"') && !text.includes('"kind":"intoto"') ? 2 : 1}`
}

function specimenOf(one: Case, folder: string, readRoot: (path: string) => TrustedRootJson): Specimen {
  const file = one.artifact ? readFileSync(join(folder, one.artifact)) : undefined
  const [algorithm = '', hex = ''] = (one.digest ?? '').split(':')
  const bundle: unknown = readJson(join(folder, one.bundle))
  const group = one.trusted_root.startsWith('conformance/') ? 'conformance' : one.trusted_root.split('/')[0]
  return {
    name: one.name,
    group: group === 'prod' ? 'production' : (group ?? ''),
    kind: kindOf(bundle),
    bundle,
    artifact: file ? artifactOfBytes(file) : artifactOfDigests({ [algorithm]: Buffer.from(hex, 'hex') }),
    file: file ?? new Uint8Array(),
    root: readRoot(join(folder, one.trusted_root)),
    identity: { name: one.identity ?? '', issuer: one.issuer ?? '' },
  }
}

/** The bundles of other clients that are good and hold a certificate; none where the data are absent. */
export function realSpecimens(): readonly Specimen[] {
  const readRoot = rootReader()
  return [SHARED_DATA, join(SHARED_DATA, 'wild')].flatMap((folder) => {
    const index = join(folder, 'conformance/index.json')
    if (!existsSync(index)) return []
    const cases: readonly Case[] = readJson(index)
    return cases
      .filter(({ expect, key }) => expect === 'pass' && !key)
      .map((one) => specimenOf(one, folder, readRoot))
  })
}

const FORMS = ['message', 'DSSE'] as const
const LOGS = [[1], [2], [1, 2]] as const

/** One of each kind that a client makes. */
export function sandboxSpecimens(instance: Instance): readonly Specimen[] {
  return FORMS.flatMap((form) =>
    LOGS.flatMap((logs) =>
      ['a', 'b'].map((build) => {
        const name = `${build}: ${form}, Rekor v${logs.join(' and v')}, ${instance.curve}`
        const file = Buffer.from(`what a workflow built: ${name}\n`)
        const content = form === 'message' ? { artifact: file } : { statement: statementOf(file) }
        const { bundle } = makeBundle(instance, content, { logs, at: instance.at })
        return specimen(name, bundle, file, instance)
      }),
    ),
  )
}

export const specimen = (
  name: string,
  bundle: unknown,
  file: Uint8Array,
  { root, issuer, curve }: Instance,
): Specimen => ({
  name,
  group: `sandbox ${curve}`,
  kind: kindOf(bundle),
  bundle,
  artifact: artifactOfBytes(file),
  file,
  root,
  identity: { name: IDENTITY, issuer },
})

/** Equal for bundles that say the same: the members of objects have no order. */
export function valueKey(value: unknown): string {
  const sorted = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
  return hash('sha256', sorted ?? '')
}
