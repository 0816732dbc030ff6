import { readFileSync } from 'node:fs'
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

const SUPPORTED: readonly string[] = ['sha256', 'sha384', 'sha512']

function artifactsOf(
  one: Case,
  root: string,
): readonly { readonly by: string; readonly artifact: Artifact }[] {
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

function judge(one: Case, artifact: Artifact, root: string): Found {
  try {
    const trust = parseTrustedRoot(readJson(join(root, one.trusted_root)))
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
  return parseJson(readFileSync(path), rules, path)
}

export interface Tally {
  /** A line for each case and form. */
  readonly lines: readonly string[]
  readonly right: number
  readonly all: number
  readonly skipped: number
}

/** Verifies every case of `root/conformance/index.json`. */
export function runConformance(root: string): Tally {
  const lines: string[] = []
  let right = 0
  let all = 0
  let skipped = 0
  for (const one of JSON.parse(readFileSync(join(root, 'conformance/index.json'), 'utf8')) as Case[]) {
    const forms = artifactsOf(one, root)
    if (forms.length === 0) {
      skipped++
      lines.push(`SKIP  ${one.name}: its only digest is not one that is supported (${one.digest})`)
    }
    for (const { by, artifact } of forms) {
      const { ok, line } = compare(one, by, judge(one, artifact, root))
      all++
      if (ok) right++
      lines.push(line)
    }
  }
  return { lines, right, all, skipped }
}

function compare(one: Case, by: string, found: Found): { readonly ok: boolean; readonly line: string } {
  const wanted = one.expect === 'pass' ? ['accepted'] : expectedCodes(one.name)
  const ok = wanted.includes(found)
  const expected = one.expect === 'pass' ? 'accepted' : 'refused'
  const shown = ok ? '' : `, right would be ${wanted.join(' or ')}`
  return {
    ok,
    line: `${ok ? 'ok   ' : 'WRONG'} ${one.name} by ${by}: expected ${expected}, found ${found}${shown}`,
  }
}
