import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildTools, type Tools } from '../e2e/build.ts'
import type { JobIdentity } from '../e2e/issuer.ts'
import { type Stack, type StackUrls, startStack } from '../e2e/stack.ts'
import { createTrustFiles, type LogChoice, type TrustFiles } from '../e2e/trust.ts'
import { type LatencyProxy, startLatencyProxy, type Traffic } from './proxy.ts'

/** The real servers behind a slow network, and everybody who is to sign there. */
export interface RealStack {
  readonly tools: Tools
  readonly stack: Stack
  readonly trust: TrustFiles
  /** A job whose token endpoint is behind the slow network too. */
  readonly addJob: () => JobIdentity
  /** Of all servers together, and of the log alone. */
  readonly traffic: { readonly all: Traffic; readonly log: (version: 1 | 2) => Traffic }
}

/** Starts everything, hands it over and ends it, whatever happens. With 0 the proxies only count. */
export async function withRealStack<T>(
  milliseconds: number,
  use: (real: RealStack) => Promise<T>,
): Promise<T> {
  const tools = await buildTools((line) => console.error(`  ${line}`))
  await using stack = await startStack(tools.programs)
  const proxies = await startProxies(stack, milliseconds)
  try {
    const result = await use(await describe(tools, stack, proxies))
    rmSync(stack.folder, { recursive: true, force: true })
    return result
  } catch (error) {
    console.error(stack.logs())
    throw error
  } finally {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()))
  }
}

type Proxies = Readonly<Record<'token' | 'fulcio' | 'rekorV1' | 'rekorV2' | 'tsa', LatencyProxy>>

async function startProxies({ issuer, urls }: Stack, milliseconds: number): Promise<Proxies> {
  const [token, fulcio, rekorV1, rekorV2, tsa] = await Promise.all([
    startLatencyProxy(issuer.url, milliseconds),
    startLatencyProxy(urls.fulcio, milliseconds),
    startLatencyProxy(urls.rekorV1, milliseconds),
    startLatencyProxy(urls.rekorV2, milliseconds),
    startLatencyProxy(urls.tsa, milliseconds),
  ])
  return { token, fulcio, rekorV1, rekorV2, tsa }
}

async function describe(tools: Tools, stack: Stack, proxies: Proxies): Promise<RealStack> {
  const urls: StackUrls = {
    ...stack.urls,
    fulcio: proxies.fulcio.url,
    rekorV1: proxies.rekorV1.url,
    rekorV2: proxies.rekorV2.url,
    tsa: throughProxy(stack.urls.tsa, proxies.tsa),
  }
  const slow = { ...stack, urls }
  mkdirSync(join(stack.folder, 'home'), { recursive: true })
  const trust = await createTrustFiles(tools.programs.cosign, slow)
  return {
    tools,
    stack: slow,
    trust,
    addJob: () => {
      const identity = stack.issuer.addJob({})
      return { ...identity, tokenUrl: throughProxy(identity.tokenUrl, proxies.token) }
    },
    traffic: {
      all: together(Object.values(proxies)),
      log: (version) => (version === 1 ? proxies.rekorV1 : proxies.rekorV2),
    },
  }
}

const throughProxy = (url: string, proxy: LatencyProxy): string => proxy.url + new URL(url).pathname

const together = (all: readonly Traffic[]): Traffic => ({
  count: () => all.reduce((sum, one) => sum + one.count(), 0),
  peak: () => Math.max(...all.map((one) => one.peak())),
  clear: () => {
    for (const one of all) one.clear()
  },
})

/** The log of this version whose times come from a timestamp authority, as those of the public instances do. */
export function logOf({ logs }: TrustFiles, version: 1 | 2): LogChoice {
  const found = logs.find((log) => log.rekorVersion === version && log.hasAuthority)
  if (found === undefined) throw new Error(`the stack has no Rekor v${version}`)
  return found
}
