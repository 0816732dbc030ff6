import { ActionError } from '../errors.ts'
import { atPath, isPlainHttp } from './service-url.ts'
import type { Selector, Service, SigningConfig } from './signing-config.ts'
import { isWithin } from './window.ts'

export interface SelectionRules {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly rekorVersion: 'auto' | 1 | 2
  /** Under a custom Sigstore instance alone. */
  readonly allowLoopbackHttp: boolean
  /** The trusted root is that of GitHub's instance, which has no log: then the config must name none either. */
  readonly withoutLog?: boolean
}

/** One service per operator, the newest first; of the first ones `count` must be used, the others may stand in. */
export interface Offer {
  readonly urls: readonly URL[]
  readonly count: number
}

/** What to sign with. */
export interface SelectedServices {
  /** Base URL. */
  readonly fulcio: URL
  /** Base URLs. None and no version at GitHub's instance. */
  readonly rekor: Offer & { readonly version?: 1 | 2 }
  /** Full URLs. `count` is 0 if the config names no timestamp authority. */
  readonly tsa: Offer
}

/**
 * The services to use now, as the client specification selects them (sigstore_trustroot.proto, SigningConfig):
 * supported version and window first, then the highest version, then the newest of each operator, then the selector.
 * CONFIG_INVALID if the config names none that can be used, CONFIG_NO_LOG if not the version asked for, CONFIG_NO_TIME
 * if the log gives no time and no authority does.
 */
export function selectServices(config: SigningConfig, rules: SelectionRules): SelectedServices {
  refusePlainHttp(config, rules)
  const rekor: SelectedServices['rekor'] = rules.withoutLog
    ? assertNoLog(config, rules)
    : selectLogs(config, rules)
  return {
    fulcio: selectCertificateAuthority(config, rules),
    rekor,
    tsa: selectTimestampAuthorities(config, rules, rekor.version),
  }
}

function refusePlainHttp(config: SigningConfig, { allowLoopbackHttp }: SelectionRules): void {
  const all = [config.certificateAuthorities, config.transparencyLogs, config.timestampAuthorities].flat()
  const plain = all.find(({ url }) => isPlainHttp(url))
  if (plain === undefined || allowLoopbackHttp) return
  throw new ActionError(
    'CONFIG_INVALID',
    `the signing config names a service without https: ${plain.url.href}`,
  )
}

function usable(
  services: readonly Service[],
  versions: readonly number[],
  { now }: SelectionRules,
): readonly Service[] {
  return services.filter(
    ({ version, window }) => versions.includes(version) && window !== undefined && isWithin(now, window),
  )
}

/** Those of the highest version, the newest first; a stable sort keeps the order of the config among equals. */
function newestOfHighest(services: readonly Service[]): readonly Service[] {
  const highest = Math.max(...services.map(({ version }) => version))
  const start = ({ window }: Service): number => window?.start ?? 0
  return services.filter(({ version }) => version === highest).toSorted((a, b) => start(b) - start(a))
}

function selectCertificateAuthority(config: SigningConfig, rules: SelectionRules): URL {
  const [first] = newestOfHighest(usable(config.certificateAuthorities, [1], rules))
  if (first !== undefined) return first.url
  throw new ActionError(
    'CONFIG_INVALID',
    'the signing config names no certificate authority that is in use now',
  )
}

/** No entry of a log that the trusted root does not name could ever be verified. */
function assertNoLog(config: SigningConfig, { rekorVersion }: SelectionRules): Offer {
  if (config.transparencyLogs.length > 0) {
    throw new ActionError('CONFIG_INVALID', 'the signing config names a log, and the trusted root has none')
  }
  if (rekorVersion === 'auto') return { urls: [], count: 0 }
  throw new ActionError('CONFIG_NO_LOG', `the instance has no log, of version ${rekorVersion} or any other`)
}

function selectLogs(config: SigningConfig, rules: SelectionRules): SelectedServices['rekor'] {
  const { rekorVersion } = rules
  const logs = usable(config.transparencyLogs, [1, 2], rules)
  if (logs.length === 0) {
    throw new ActionError('CONFIG_INVALID', 'the signing config names no transparency log that is in use now')
  }
  const asked = rekorVersion === 'auto' ? logs : logs.filter(({ version }) => version === rekorVersion)
  const [first, ...others] = newestOfHighest(asked)
  if (first === undefined) {
    throw new ActionError('CONFIG_NO_LOG', `the signing config offers no log of version ${rekorVersion}`)
  }
  const offer = applySelector([first, ...others], config.logSelector, 'rekorTlogConfig')
  return { ...offer, version: first.version === 1 ? 1 : 2 }
}

function selectTimestampAuthorities(
  config: SigningConfig,
  rules: SelectionRules,
  rekorVersion: 1 | 2 | undefined,
): Offer {
  const authorities = usable(config.timestampAuthorities, [1], rules)
  if (authorities.length === 0) {
    if (rekorVersion !== 1) {
      throw new ActionError(
        'CONFIG_NO_TIME',
        'the signing config names no timestamp authority that is in use now',
      )
    }
    if (config.timestampAuthorities.length === 0 && config.timestampSelector === undefined) {
      return { urls: [], count: 0 }
    }
    throw new ActionError('CONFIG_INVALID', 'no timestamp authority of the signing config is in use now')
  }
  const { urls, count } = applySelector(newestOfHighest(authorities), config.timestampSelector, 'tsaConfig')
  return { urls: urls.map(timestampUrl), count }
}

/** The config gives the full URL; a bare host is completed as other clients do (protocol 6.1). */
const timestampUrl = (url: URL): URL => (url.pathname === '/' ? atPath(url, '/api/v1/timestamp') : url)

function applySelector(sorted: readonly Service[], selector: Selector | undefined, where: string): Offer {
  const perOperator = new Map<string, URL>()
  for (const { operator, url } of sorted) if (!perOperator.has(operator)) perOperator.set(operator, url)
  const urls = [...perOperator.values()]
  if (selector === undefined) throw new ActionError('CONFIG_INVALID', `${where} names no selector`)
  const count = { ALL: urls.length, ANY: 1, EXACT: selector.kind === 'EXACT' ? selector.count : 0 }[
    selector.kind
  ]
  if (count <= urls.length) return { urls, count }
  throw new ActionError(
    'CONFIG_INVALID',
    `${where} asks for ${count} services, of which only ${urls.length} are in use now`,
  )
}
