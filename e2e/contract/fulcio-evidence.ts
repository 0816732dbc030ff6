/** What a certificate proves: who issued it, what a log promised about it, and what it says about its holder. */
import { isDeepStrictEqual } from 'node:util'
import type { Claims } from '../../sandbox/claims.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import { parseSctList, SCT_LIST_OID } from '../../src/core/sct.ts'
import { Secret } from '../../src/core/secret.ts'
import { type Certificate, parseCertificate } from '../../src/core/x509.ts'
import { verifyPath } from '../../src/sigstore/authority.ts'
import { parseSigner } from '../../src/sigstore/certificate-profile.ts'
import { parseCertificateResponse } from '../../src/sigstore/fulcio.ts'
import { verifyScts } from '../../src/sigstore/sct-verify.ts'
import type { Context, Relation } from './case.ts'
import { type Answer, httpResponse, isAtOnce, isDuring } from './exchange.ts'

const issuedBy = (answer: Answer) =>
  parseCertificateResponse(httpResponse(answer), { token: new Secret('unused'), withoutLog: false })

const LIFE = 10 * 60_000

/** Throws unless the chain is the trusted one and the promise of a trusted log holds. */
function verifyIssue({ recall, target }: Context, name: string): boolean {
  const answer = recall(name)
  const { leaf, chain } = issuedBy(answer)
  const path = verifyPath(leaf, target.trust.certificateAuthorities, [Date.now()])
  const [issuer] = path
  if (issuer === undefined) return false
  const scts = verifyScts(leaf, issuer, target.trust, Date.now())
  const isChain = chain.length === path.length && chain.every(({ raw }, i) => sameBytes(raw, path[i]?.raw))
  return isChain && scts.length === 1 && scts.every(({ at }) => isDuring(answer, at))
}

const sameBytes = (one: Uint8Array, other: Uint8Array | undefined): boolean =>
  other !== undefined && equalBytes(one, other)

/** static-ct-api: the index of the leaf, in five bytes, as the only extension. */
function holdsLeafIndex(leaf: Certificate): boolean {
  const list = leaf.extensions.find(({ oid }) => oid === SCT_LIST_OID)
  const [sct] = list === undefined ? [] : parseSctList(list.value)
  return sct?.extensions.length === 8 && equalBytes(sct.extensions.subarray(0, 3), Uint8Array.of(0, 0, 5))
}

const FULCIO = '1.3.6.1.4.1.57264.1.'
const HOST = 'https://github.com'

/** fulcio docs/oid-info.md, .1 to .6: bare texts. */
const oldClaims = (claims: Claims, issuer: string): readonly unknown[] => [
  issuer,
  claims['event_name'],
  claims['sha'],
  claims['workflow'],
  claims['repository'],
  claims['ref'],
]

/** The same document, .8 to .24, with Fulcio's configuration for GitHub. */
const newClaims = (claims: Claims, issuer: string): Readonly<Record<string, unknown>> => ({
  issuer,
  buildSignerUri: `${HOST}/${claims['job_workflow_ref']}`,
  buildSignerDigest: claims['job_workflow_sha'],
  runnerEnvironment: claims['runner_environment'],
  sourceRepositoryUri: `${HOST}/${claims['repository']}`,
  sourceRepositoryDigest: claims['sha'],
  sourceRepositoryRef: claims['ref'],
  sourceRepositoryIdentifier: claims['repository_id'],
  sourceRepositoryOwnerUri: `${HOST}/${claims['repository_owner']}`,
  sourceRepositoryOwnerIdentifier: claims['repository_owner_id'],
  buildConfigUri: `${HOST}/${claims['workflow_ref']}`,
  buildConfigDigest: claims['workflow_sha'],
  buildTrigger: claims['event_name'],
  runInvocationUri: `${HOST}/${claims['repository']}/actions/runs/${claims['run_id']}/attempts/${claims['run_attempt']}`,
  sourceRepositoryVisibility: claims['repository_visibility'],
  tokenSubject: claims['sub'],
})

function saysWhatTokenSays({ recall, target: { claims, issuerName } }: Context): boolean {
  const { leaf } = issuedBy(recall('a certificate'))
  const signer = parseSigner(leaf)
  const texts = [1, 2, 3, 4, 5, 6].map((number) => {
    const found = leaf.extensions.find(({ oid }) => oid === `${FULCIO}${number}`)
    return found && Buffer.from(found.value).toString('utf8')
  })
  return (
    isDeepStrictEqual(signer.name, { type: 'uri', value: `${HOST}/${claims['job_workflow_ref']}` }) &&
    isDeepStrictEqual(texts, oldClaims(claims, issuerName)) &&
    isDeepStrictEqual({ ...signer.claims }, newClaims(claims, issuerName))
  )
}

const ISSUED = ['a certificate', 'a P-384 key', 'an Ed25519 key', 'an RSA key', 'a signing request']

export const FULCIO_EVIDENCE: readonly Relation[] = [
  ...ISSUED.map((name) => ({
    name: `${name}: its chain and the promise in it hold before the trusted root`,
    holds: (context: Context) => verifyIssue(context, name),
  })),
  { name: 'a certificate is issued at once', holds: ({ recall }) => isAtOnce(ISSUED.map(recall)) },
  {
    name: 'a promise names the index of its leaf',
    holds: ({ recall }) => holdsLeafIndex(issuedBy(recall('a certificate')).leaf),
  },
  { name: 'a certificate says what the token says', holds: saysWhatTokenSays },
  {
    name: 'a certificate lives ten minutes from now',
    holds: ({ recall }) => {
      const answer = recall('a certificate')
      const { notBefore, notAfter } = issuedBy(answer).leaf
      return notAfter - notBefore === LIFE && isDuring(answer, notBefore)
    },
  },
  {
    name: 'a certificate is for the key that was sent',
    holds: ({ material: { certificate, key } }) =>
      equalBytes(parseCertificate(certificate).publicKey.spki, key.spki),
  },
]
