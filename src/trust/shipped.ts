import type { Shipped } from '../actions/trust-source.ts'
import publicGoodSigningConfig from './public-good.signing-config.json' with { type: 'json' }
import publicGoodSigningConfigV2 from './public-good.signing-config-rekor-v2.json' with { type: 'json' }
import publicGoodTrustedRoot from './public-good.trusted-root.json' with { type: 'json' }
import stagingSigningConfig from './staging.signing-config.json' with { type: 'json' }
import stagingTrustedRoot from './staging.trusted-root.json' with { type: 'json' }

/** Taken from the TUF repositories of the two instances on the date given. */
export const shipped: Shipped = {
  'public-good': {
    name: 'public-good',
    date: '2026-08-21',
    trustedRoot: publicGoodTrustedRoot,
    signingConfig: publicGoodSigningConfig,
    signingConfigV2: publicGoodSigningConfigV2,
  },
  staging: {
    name: 'staging',
    date: '2026-08-21',
    trustedRoot: stagingTrustedRoot,
    signingConfig: stagingSigningConfig,
  },
}
