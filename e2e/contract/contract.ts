/** One table of what the services of a Sigstore answer, for the sandbox's and the real ones. */
import { isDeepStrictEqual } from 'node:util'
import type { Case, Context, Service, Suite } from './case.ts'
import { type Answer, send, type Target } from './exchange.ts'
import { FULCIO } from './fulcio-cases.ts'
import { ISSUER } from './issuer-cases.ts'
import { createMaterial } from './material.ts'
import { REKOR_V1 } from './rekor-v1-cases.ts'
import { REKOR_V2 } from './rekor-v2-cases.ts'
import { type Shape, shapeOf } from './shape.ts'
import { TSA } from './tsa-cases.ts'

export const SUITES: readonly Suite[] = [ISSUER, FULCIO, REKOR_V1, REKOR_V2, TSA]

/** Where the sandbox refuses what the real server takes. Both answers are in the table, and each is held to its own. */
export const STRICTER: readonly string[] = SUITES.flatMap(({ service, cases }) =>
  cases.filter(({ stricter }) => stricter !== undefined).map(({ name }) => `${service}, ${name}`),
)

/** What became of one case or relation. */
export interface Finding {
  readonly service: Service
  readonly name: string
  /** What was answered, if it is not what the table says; a limit of the real servers counts as right. */
  readonly fault?: string
  /** Why the real server may answer otherwise; only where it did. */
  readonly limit?: string
  /** Whether our own code answered in a real server's place. */
  readonly standIn: boolean
}

/** Asks a target all that is in the table. */
export async function holdContract(target: Target): Promise<readonly Finding[]> {
  const material = await createMaterial(target)
  const findings: Finding[] = []
  for (const suite of SUITES) findings.push(...(await holdSuite(suite, { target, material })))
  return findings
}

async function holdSuite(suite: Suite, given: Omit<Context, 'recall'>): Promise<readonly Finding[]> {
  const answers = new Map<string, Answer>()
  const recall: Context['recall'] = (name) => {
    const answer = answers.get(name)
    if (answer === undefined) throw new Error(`nothing was answered to "${name}"`)
    return answer
  }
  const context = { ...given, recall }
  const { service, prepare, cases, relations, standIn = false } = suite
  for (const ask of prepare) await send(ask(context))
  const findings: Finding[] = []
  for (const one of cases) {
    const judged = await attempt(async () => {
      const answer = await send(one.ask(context))
      answers.set(one.name, answer)
      return judge(one, shapeOf(answer, given.target.issuerName), given.target)
    })
    findings.push({ service, name: one.name, standIn: one.standIn ?? standIn, ...judged })
  }
  for (const { name, holds } of relations) {
    const judged = await attempt(async () => ((await holds(context)) ? {} : { fault: 'does not hold' }))
    findings.push({ service, name, standIn, ...judged })
  }
  return findings
}

type Judged = Pick<Finding, 'fault' | 'limit'>

async function attempt(act: () => Promise<Judged>): Promise<Judged> {
  try {
    return await act()
  } catch (error) {
    return { fault: String(error) }
  }
}

function judge({ answer: real, limit, stricter }: Case, found: Shape, { name }: Target): Judged {
  const answer = name === 'sandbox' ? (stricter ?? real) : real
  if (isDeepStrictEqual(found, answer)) return {}
  const known = name === 'real' ? limit : undefined
  if (known?.answers.some((one) => isDeepStrictEqual(found, one))) return { limit: known.why }
  return { fault: `expected ${JSON.stringify(answer)}\nfound    ${JSON.stringify(found)}` }
}
