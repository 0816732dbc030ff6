import type { Makers } from '../../sandbox/bundles.ts'
import { githubClaims } from '../../sandbox/claims.ts'
import { type CtLog, createCtLog } from '../../sandbox/ct-log.ts'
import { createFulcioCa } from '../../sandbox/fulcio-ca.ts'
import type { Curve } from '../../sandbox/keys.ts'
import { createRekorV1Log } from '../../sandbox/rekor-v1-log.ts'
import { createRekorV2Log } from '../../sandbox/rekor-v2-log.ts'
import { createTrustedRoot, type TrustedRootJson } from '../../sandbox/trust-files.ts'
import { createTsa, type Tsa } from '../../sandbox/tsa-authority.ts'

export const IDENTITY = 'https://github.com/octo/demo/.github/workflows/release.yml@refs/tags/v1.0.0'

const ADDRESSES = {
  issuer: 'https://issuer.example',
  discovery: 'https://issuer.example',
  fulcio: 'https://fulcio.example',
  rekorV1: 'https://rekor1.example',
  rekorV2: 'https://rekor2.example',
  tsa: 'https://tsa.example',
}

/** A Sigstore without servers, with a second CT log and a second timestamp authority, all trusted. */
export interface Instance extends Makers {
  readonly curve: Curve
  readonly issuer: string
  readonly root: TrustedRootJson
  readonly secondCtLog: CtLog
  readonly secondTsa: Tsa
  /** When its bundles are made. */
  readonly at: number
}

export function createInstance(curve: Curve): Instance {
  const at = Date.now() - 3_600_000
  const year = 365 * 86_400_000
  const validity = { curve, notBefore: at - year, notAfter: at + year }
  const authoritiesOf = (ctLog: CtLog, tsa: Tsa) => ({
    issuer: { url: ADDRESSES.issuer, claims: githubClaims() },
    fulcio: createFulcioCa({ ...validity, ctLog }),
    rekorV1: createRekorV1Log('rekor1.example'),
    rekorV2: createRekorV2Log('rekor2.example'),
    tsa,
  })
  const authorities = authoritiesOf(createCtLog(), createTsa({ ...validity, hash: 'sha256' }))
  const [secondCtLog, secondTsa] = [createCtLog(), createTsa({ ...validity, hash: 'sha384' })]
  const second = authoritiesOf(secondCtLog, secondTsa)
  const from = new Date(at - year).toISOString()
  const [root, other] = [authorities, second].map((one) => createTrustedRoot(one, ADDRESSES, from))
  if (root === undefined || other === undefined) throw new Error('no trusted root')
  root.ctlogs.push(...other.ctlogs)
  root.timestampAuthorities.push(...other.timestampAuthorities)
  return { authorities, curve, issuer: ADDRESSES.issuer, root, secondCtLog, secondTsa, at }
}
