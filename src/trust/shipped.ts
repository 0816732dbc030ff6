import type { Shipped } from '../actions/job/trust-source.ts'
import githubSigningConfig from './github.signing-config.json' with { type: 'json' }
import githubTrustedRoot from './github.trusted-root.json' with { type: 'json' }
import publicGoodSigningConfig from './public-good.signing-config.json' with { type: 'json' }
import publicGoodSigningConfigV2 from './public-good.signing-config-rekor-v2.json' with { type: 'json' }
import publicGoodTrustedRoot from './public-good.trusted-root.json' with { type: 'json' }
import stagingSigningConfig from './staging.signing-config.json' with { type: 'json' }
import stagingTrustedRoot from './staging.trusted-root.json' with { type: 'json' }

/** Taken from the TUF repositories of the instances on the date given; GitHub publishes no signing config: that one is ours. */
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
  github: {
    name: 'github',
    date: '2026-06-29',
    trustedRoot: githubTrustedRoot,
    signingConfig: githubSigningConfig,
  },
}
