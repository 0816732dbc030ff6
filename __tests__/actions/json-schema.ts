/** As much of JSON Schema 2020-12 as docs/report.schema.json uses; any other keyword fails, so that none is overlooked. */
export type Schema = boolean | { readonly [keyword: string]: unknown }

type Fault = string

/** Faults of the value, each with its place; [] if it is valid. A member that the schema does not describe is one, too. */
export function findFaults(schema: Schema, value: unknown, root: Schema = schema, at = '$'): Fault[] {
  if (typeof schema === 'boolean') return schema ? [] : [`${at}: must not be there`]
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (PASSIVE.has(keyword)) return []
    const check = KEYWORDS[keyword]
    if (check === undefined) return [`${at}: the validator does not know the keyword ${keyword}`]
    return check({ rule, value, root, at, schema })
  })
}

interface Case {
  readonly rule: unknown
  readonly value: unknown
  readonly root: Schema
  readonly at: string
  readonly schema: Readonly<Record<string, unknown>>
}

/** Words about the schema, and what `if` and `properties` look at themselves. */
const PASSIVE = new Set(['$schema', '$defs', 'title', 'description', 'then', 'else', 'additionalProperties'])

const asSchema = (value: unknown): Schema => {
  if (typeof value === 'boolean' || isObject(value)) return value
  throw new Error('not a schema')
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

const KEYWORDS: Readonly<Record<string, (one: Case) => Fault[]>> = {
  $ref: ({ rule, value, root, at }) => findFaults(resolve(root, String(rule)), value, root, at),
  type: ({ rule, value, at }) => {
    const fits = rule === 'integer' ? Number.isInteger(value) : typeOf(value) === rule
    return fits ? [] : [`${at}: is ${typeOf(value)}, not ${String(rule)}`]
  },
  enum: ({ rule, value, at }) =>
    Array.isArray(rule) && rule.includes(value) ? [] : [`${at}: ${String(value)} is none of the values`],
  const: ({ rule, value, at }) => (rule === value ? [] : [`${at}: is not ${String(rule)}`]),
  pattern: ({ rule, value, at }) =>
    typeof value !== 'string' || new RegExp(String(rule), 'u').test(value)
      ? []
      : [`${at}: ${value} does not match`],
  minLength: ({ rule, value, at }) =>
    typeof value === 'string' && value.length < Number(rule) ? [`${at}: is too short`] : [],
  minimum: ({ rule, value, at }) =>
    typeof value === 'number' && value < Number(rule) ? [`${at}: is too small`] : [],
  required: ({ rule, value, at }) =>
    Array.isArray(rule) && isObject(value)
      ? rule
          .filter((name) => !Object.hasOwn(value, String(name)))
          .map((name) => `${at}: lacks ${String(name)}`)
      : [],
  properties: ({ rule, value, root, at, schema }) =>
    isObject(value) && isObject(rule)
      ? Object.entries(value).flatMap(([name, member]) => {
          if (Object.hasOwn(rule, name))
            return findFaults(asSchema(rule[name]), member, root, `${at}.${name}`)
          if (schema['additionalProperties'] !== undefined)
            return findFaults(asSchema(schema['additionalProperties']), member, root, `${at}.${name}`)
          return [`${at}.${name}: is not in the schema`]
        })
      : [],
  items: ({ rule, value, root, at }) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => findFaults(asSchema(rule), item, root, `${at}[${i}]`))
      : [],
  if: ({ rule, value, root, at, schema }) => {
    const next = holds(asSchema(rule), value, root) ? schema['then'] : schema['else']
    return next === undefined ? [] : findConditional(asSchema(next), value, root, at)
  },
}

/** The condition names one member and says nothing of the others. */
const holds = (schema: Schema, value: unknown, root: Schema): boolean =>
  findConditional(schema, value, root, '').length === 0

function findConditional(schema: Schema, value: unknown, root: Schema, at: string): Fault[] {
  if (typeof schema === 'boolean' || !isObject(schema['properties']) || !isObject(value))
    return findFaults(schema, value, root, at)
  const named = Object.keys(schema['properties'])
  const part = Object.fromEntries(Object.entries(value).filter(([name]) => named.includes(name)))
  return findFaults(schema, part, root, at)
}

function resolve(root: Schema, ref: string): Schema {
  const [, , name = ''] = ref.split('/')
  const defs = typeof root === 'boolean' ? undefined : root['$defs']
  if (!ref.startsWith('#/$defs/') || !isObject(defs)) throw new Error(`cannot follow ${ref}`)
  return asSchema(defs[name])
}
