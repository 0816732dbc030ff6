/**
 * The command line that sigstore-conformance drives (its docs/cli_protocol.md), on the same protocol code as the actions:
 *
 *   verify-bundle [--staging] --bundle F (--certificate-identity ID --certificate-oidc-issuer URL | --key PEM)
 *                 [--trusted-root F] FILE_OR_DIGEST
 *   sign-bundle   [--staging] [--in-toto] --identity-token T --bundle F [--trusted-root F] [--signing-config F] FILE
 *
 * Exit code 0 is success, anything else is not; the reason stands on standard error.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseJsonFile } from '../src/actions/job/trust-source.ts'
import { explain } from '../src/actions/report/explain.ts'
import { parseHex } from '../src/core/bytes.ts'
import { parsePublicKeyPem } from '../src/core/public-key.ts'
import { Secret } from '../src/core/secret.ts'
import { ActionError } from '../src/errors.ts'
import { type Artifact, artifactOfBytes, artifactOfDigests } from '../src/sigstore/artifact.ts'
import { parseBundle } from '../src/sigstore/bundle.ts'
import { verifyIdentity, verifyManagedKey } from '../src/sigstore/policy.ts'
import { parseTrustedRoot, type TrustedRoot } from '../src/sigstore/trusted-root.ts'
import { verifyBundle } from '../src/sigstore/verifier.ts'
import { shipped } from '../src/trust/shipped.ts'
import { signForConformance } from './conformance-sign.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    staging: { type: 'boolean', default: false },
    'in-toto': { type: 'boolean', default: false },
    bundle: { type: 'string' },
    key: { type: 'string' },
    'certificate-identity': { type: 'string' },
    'certificate-oidc-issuer': { type: 'string' },
    'identity-token': { type: 'string' },
    'trusted-root': { type: 'string' },
    'signing-config': { type: 'string' },
  },
})

function given(
  name: 'bundle' | 'certificate-identity' | 'certificate-oidc-issuer' | 'identity-token',
): string {
  const value = options[name]
  if (value !== undefined && value !== '') return value
  throw new ActionError('INPUT_REQUIRED', `--${name} is missing`)
}

const instance = shipped[options.staging ? 'staging' : 'public-good']

function trustedRoot(): TrustedRoot {
  const path = options['trusted-root']
  return parseTrustedRoot(
    path === undefined ? instance.trustedRoot : parseJsonFile(readFileSync(path), 'TRUST_INVALID', path),
  )
}

/** A digest only if no file has that name, as the protocol says. */
function artifactOf(text: string): Artifact {
  if (existsSync(text)) return artifactOfBytes(readFileSync(text))
  const match = /^(sha256|sha384|sha512):([0-9a-f]+)$/.exec(text)
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new ActionError('FILE_READ', 'there is neither a file of that name, nor is it a digest')
  }
  return artifactOfDigests({ [match[1]]: parseHex(match[2], 'INPUT_DIGEST', 'the digest') })
}

function verify(subject: string): void {
  const managedKey =
    options.key === undefined ? undefined : parsePublicKeyPem(readFileSync(options.key, 'utf8'), 'CERT_KEY')
  const bundle = parseBundle(readFileSync(given('bundle')))
  const verification = {
    trust: trustedRoot(),
    now: Date.now(),
    ...(managedKey !== undefined && { managedKey }),
  }
  const evidence = verifyBundle(bundle, artifactOf(subject), verification)
  if (managedKey !== undefined) verifyManagedKey(evidence)
  else {
    const issuer = given('certificate-oidc-issuer')
    verifyIdentity(evidence, { name: given('certificate-identity'), issuer })
  }
}

async function sign(subject: string): Promise<void> {
  const path = options['signing-config']
  await signForConformance({
    token: new Secret(given('identity-token')),
    trust: trustedRoot(),
    signingConfig:
      path === undefined ? instance.signingConfig : parseJsonFile(readFileSync(path), 'CONFIG_INVALID', path),
    allowLoopbackHttp: path !== undefined,
    content: readFileSync(subject),
    inToto: options['in-toto'],
    bundle: given('bundle'),
  })
}

process.exitCode = 1
try {
  const [command, subject, ...more] = positionals
  if (subject === undefined || more.length > 0)
    throw new ActionError('INPUT_REQUIRED', 'exactly one file or digest is needed')
  if (command === 'verify-bundle') verify(subject)
  else if (command === 'sign-bundle') await sign(subject)
  else throw new ActionError('INPUT_VALUE', 'the commands are verify-bundle and sign-bundle')
  process.exitCode = 0
} catch (error) {
  console.error(explain(error).annotation)
}
