import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { WebAnswer } from '../web.ts'

/**
 * Holds answers against GitHub's own OpenAPI description (`@octokit/openapi`, a development dependency: only tests may
 * load this). It is twelve megabytes, so it is read once and only when asked for.
 */
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>> | undefined>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Answer | undefined>>
}
interface Answer {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema?: unknown } | undefined>>
}

const ID = 'github'
let loaded: { readonly description: Description; readonly ajv: Ajv } | undefined
const compiled = new Map<string, ValidateFunction | undefined>()

function load(): { readonly description: Description; readonly ajv: Ajv } {
  if (loaded !== undefined) return loaded
  const path = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
  const description: Description = JSON.parse(readFileSync(path, 'utf8'))
  const ajv = new Ajv({ strict: false, validateFormats: true, allErrors: true })
  formats.default(ajv)
  // Only what is compiled is checked: the description as a whole is no JSON Schema.
  ajv.addSchema({ $id: ID, ...description }, ID, false)
  loaded = { description, ajv }
  return loaded
}

/** Throws if the description does not know the route or the status, or if the body is not what it describes. */
export function validateAnswer(route: string, answer: WebAnswer): void {
  const validate = validatorOf(route, answer.status)
  const body = Buffer.from(answer.body ?? '').toString()
  if (validate === undefined) {
    if (body === '' || answer.status >= 300) return
    throw new Error(`${route} ${answer.status} has a body, and GitHub's description has none`)
  }
  if (validate(JSON.parse(body))) return
  const faults = (validate.errors ?? [])
    .slice(0, 5)
    .map(({ instancePath, message }) => `${instancePath} ${message}`)
  throw new Error(`${route} ${answer.status} is not what GitHub describes: ${faults.join('; ')}`)
}

function validatorOf(route: string, status: number): ValidateFunction | undefined {
  const key = `${route} ${status}`
  if (!compiled.has(key)) compiled.set(key, compile(route, status))
  return compiled.get(key)
}

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function compile(route: string, status: number): ValidateFunction | undefined {
  const { description, ajv } = load()
  const [method = '', path = ''] = route.split(' ')
  const verb = method.toLowerCase()
  const answer = description.paths[path]?.[verb]?.responses[String(status)]
  if (answer === undefined) return compileError(ajv, route, status)
  const place = answer.$ref?.slice(1) ?? pointer('paths', path, verb, 'responses', String(status))
  const found = at(description, place)
  const [type] = Object.keys(found.content ?? {}).filter((one) => /[/+]json/.test(one))
  if (type === undefined) return undefined
  return ajv.compile({ $ref: `${ID}#${place}${pointer('content', type, 'schema')}` })
}

/** Not each error of each route is described; those that are not have the common shape. */
function compileError(ajv: Ajv, route: string, status: number): ValidateFunction {
  if (status >= 400) return ajv.compile({ $ref: `${ID}#/components/schemas/basic-error` })
  throw new Error(`GitHub's description has no ${route} that answers ${status}`)
}

function at(description: Description, place: string): Answer {
  let value: unknown = description
  for (const part of place.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value as Answer
}
