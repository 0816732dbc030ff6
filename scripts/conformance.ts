/**
 * `npm run conformance -- DIR` verifies every case of `DIR/conformance/index.json`, by path and by digest, and prints a
 * line for each. Identity, issuer (or key), trusted root and artifact are applied, nothing of the actions' own policy.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digest, type HashName } from '../src/core/digest.ts'
import { parseJson } from '../src/core/json.ts'
import { printable } from '../src/core/printable.ts'
import { parsePublicKeyPem } from '../src/core/public-key.ts'
import { ActionError, type ErrorCode } from '../src/errors.ts'
import { type Artifact, artifactOfBytes, artifactOfDigests } from '../src/sigstore/artifact.ts'
import { parseBundle } from '../src/sigstore/bundle.ts'
import { verifyIdentity, verifyManagedKey } from '../src/sigstore/policy.ts'
import { parseTrustedRoot } from '../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../src/sigstore/verifier.ts'
import { expectedCodes } from './conformance-codes.ts'

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

type Found = 'accepted' | ErrorCode | `bug: ${string}`

const directory = process.argv[2]
if (directory === undefined || !existsSync(join(directory, 'conformance/index.json'))) {
  console.error('Usage: npm run conformance -- DIR, where DIR/conformance/index.json lists the cases')
  process.exit(2)
}
const root: string = directory

const SUPPORTED: readonly string[] = ['sha256', 'sha384', 'sha512']

function artifactsOf(one: Case): readonly { readonly by: string; readonly artifact: Artifact }[] {
  const forms: { by: string; artifact: Artifact }[] = []
  const bytes = one.artifact ? readFileSync(join(root, one.artifact)) : undefined
  if (bytes !== undefined) forms.push({ by: 'path', artifact: artifactOfBytes(bytes) })
  const [hash = '', hex = ''] = (one.digest ?? '').split(':')
  if (SUPPORTED.includes(hash)) {
    const known = { [hash]: Uint8Array.from(Buffer.from(hex, 'hex')) }
    forms.push({ by: 'digest', artifact: artifactOfDigests(known) })
  } else if (bytes !== undefined && !one.digest) {
    const known: Partial<Record<HashName, Uint8Array>> = { sha256: digest('sha256', bytes) }
    forms.push({ by: 'digest', artifact: artifactOfDigests(known) })
  }
  return forms
}

function judge(one: Case, artifact: Artifact): Found {
  try {
    const trust = parseTrustedRoot(readJson(one.trusted_root))
    const managedKey = one.key
      ? parsePublicKeyPem(readFileSync(join(root, one.key), 'utf8'), 'CERT_KEY')
      : undefined
    const bundle = parseBundle(readFileSync(join(root, one.bundle)))
    const evidence = verifyBundle(bundle, artifact, {
      trust,
      now: Date.now(),
      ...(managedKey && { managedKey }),
    })
    if (managedKey !== undefined) verifyManagedKey(evidence)
    else verifyIdentity(evidence, { name: one.identity ?? '', issuer: one.issuer ?? '' })
    return 'accepted'
  } catch (error) {
    return error instanceof ActionError ? error.code : `bug: ${printable(String(error))}`
  }
}

function readJson(path: string) {
  const rules = {
    maxBytes: 1 << 22,
    maxDepth: 32,
    malformed: 'TRUST_INVALID',
    tooLarge: 'TRUST_INVALID',
    tooDeep: 'TRUST_INVALID',
    duplicate: 'TRUST_INVALID',
  } as const
  return parseJson(readFileSync(join(root, path)), rules, path)
}

let right = 0
let all = 0
let skipped = 0
for (const one of JSON.parse(readFileSync(join(root, 'conformance/index.json'), 'utf8')) as Case[]) {
  const forms = artifactsOf(one)
  if (forms.length === 0) {
    skipped++
    console.log(`SKIP  ${one.name}: its only digest is not one that is supported (${one.digest})`)
  }
  for (const { by, artifact } of forms) {
    const found = judge(one, artifact)
    const wanted = one.expect === 'pass' ? ['accepted'] : expectedCodes(one.name)
    const ok = wanted.includes(found)
    all++
    if (ok) right++
    const expected = one.expect === 'pass' ? 'accepted' : 'refused'
    const shown = ok ? '' : `, right would be ${wanted.join(' or ')}`
    console.log(
      `${ok ? 'ok   ' : 'WRONG'} ${one.name} by ${by}: expected ${expected}, found ${found}${shown}`,
    )
  }
}
console.log(`${right} of ${all}${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(right === all && all > 0 ? 0 : 1)
