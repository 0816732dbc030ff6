import type { Answer, Ask, Target } from './exchange.ts'
import type { Material } from './material.ts'
import type { Shape } from './shape.ts'

export type Service = 'Fulcio' | 'Rekor v1' | 'Rekor v2' | 'timestamp authority' | 'issuer'

/** A request and what a server must answer. In their order: later ones may ask for what earlier ones made. */
export interface Case {
  readonly name: string
  readonly ask: (context: Context) => Ask
  readonly answer: Shape
  /** Where the real server, as it runs here, cannot answer as those do that people use. */
  readonly limit?: Limit
  /** Where the real server takes what no client should send: the sandbox refuses it, so that ours never does. */
  readonly stricter?: Shape
  /** Beside the real servers our own code answers this, the sandbox's issuer or a server of files: no row of theirs. */
  readonly standIn?: true
}

export interface Limit {
  readonly answers: readonly Shape[]
  readonly why: string
}

/** Of one service. */
export interface Suite {
  readonly service: Service
  /** Of all of it. */
  readonly standIn?: true
  /** What is asked first, so that logs hold something; the answers do not matter. */
  readonly prepare: readonly Case['ask'][]
  readonly cases: readonly Case[]
  readonly relations: readonly Relation[]
}

/** What must hold between answers: what comes first, what an answer may promise, what it proves. May ask more. */
export interface Relation {
  readonly name: string
  /** False, or an error that says why, if it does not hold. */
  readonly holds: (context: Context) => boolean | Promise<boolean>
}

export interface Context {
  readonly target: Target
  readonly material: Material
  /** What was answered to an earlier case of the same service. */
  readonly recall: (name: string) => Answer
}

const JSON_TYPE = 'application/json'

/** An answer in JSON that is no error. */
export const ok = (body: unknown, status: number = 200): Shape => ({ status, type: JSON_TYPE, body })

/** gRPC-gateway's errors: Fulcio and Rekor v2. */
export const grpcError = (status: number, code: number, message: string): Shape => ({
  status,
  type: JSON_TYPE,
  body: { code, message, details: [] },
})

/** go-openapi's errors: Rekor v1 and the timestamp authority. Their code is the status, or one of its own. */
export const apiError = (status: number, message: string, code: number = status): Shape => ({
  status,
  type: JSON_TYPE,
  body: { code, message },
})
