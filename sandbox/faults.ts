import type { ServiceName } from './requests.ts'
import type { WebAnswer, WebRequest } from './web.ts'

/** What goes wrong. "Acts" means: the service does its work first, so what it logs is really logged. */
export type Fault =
  /** Waits, then goes on; added to other faults. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Answers this instead of acting. */
  | { readonly kind: 'answer'; readonly answer: WebAnswer }
  /** Acts, then tells something else. */
  | { readonly kind: 'change'; readonly change: (answer: WebAnswer, request: WebRequest) => WebAnswer }
  /** Acts, promises the whole body, sends this many bytes and closes. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Acts, sends this many bytes of the promised body and then nothing more, ever. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** Closes the connection without acting. */
  | { readonly kind: 'drop' }
  /** Acts and closes without an answer. */
  | { readonly kind: 'lose' }
  /** Neither acts nor answers. */
  | { readonly kind: 'silence' }
  /** A body that does not end. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'redirect'; readonly location: string }

export interface FaultRule {
  /** All services by default. */
  readonly service?: ServiceName
  readonly method?: string
  readonly path?: RegExp
  /** The first matching request it strikes, counted from 1. */
  readonly from?: number
  /** How many it strikes; all of them by default. */
  readonly count?: number
  readonly fault: Fault
  /** Called when it strikes, before the service does anything. */
  readonly onStrike?: () => void
}

export interface Faults {
  /** Gives back how to lift the rule. */
  readonly add: (rule: FaultRule) => () => void
  readonly clear: () => void
  /** What strikes this request. Counts it. */
  readonly strike: (service: ServiceName, request: Pick<WebRequest, 'method' | 'path'>) => readonly Fault[]
}

export function createFaults(): Faults {
  const rules = new Set<{ readonly rule: FaultRule; seen: number }>()
  return {
    add: (rule) => {
      const one = { rule, seen: 0 }
      rules.add(one)
      return () => rules.delete(one)
    },
    clear: () => rules.clear(),
    strike: (service, request) => {
      const matching = [...rules].filter(({ rule }) => matches(rule, service, request))
      return matching.flatMap((one) => {
        one.seen += 1
        if (!isDue(one.rule, one.seen)) return []
        one.rule.onStrike?.()
        return [one.rule.fault]
      })
    },
  }
}

function matches(
  rule: FaultRule,
  service: ServiceName,
  { method, path }: Pick<WebRequest, 'method' | 'path'>,
): boolean {
  if (rule.service !== undefined && rule.service !== service) return false
  if (rule.method !== undefined && rule.method !== method) return false
  return rule.path === undefined || rule.path.test(path)
}

const isDue = ({ from = 1, count = Number.POSITIVE_INFINITY }: FaultRule, seen: number): boolean =>
  seen >= from && seen < from + count
