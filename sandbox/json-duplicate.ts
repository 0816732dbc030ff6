/** Strings with what tells a name, and the brackets: all that is needed to walk a text that is known to be JSON. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g

/** Where a member stands: the names that lead to its object, undefined for a list, and its own. */
export type MemberPath = readonly (string | undefined)[]

/** The path of each member that its object had before, in the order of the text. */
export function duplicatesIn(json: string): readonly MemberPath[] {
  const found: MemberPath[] = []
  const open: { readonly names: Set<string>; name: string | undefined }[] = []
  for (const [token, text, colon] of json.matchAll(TOKENS)) {
    const inner = open.at(-1)
    if (token === '{' || token === '[') open.push({ names: new Set(), name: undefined })
    else if (token === '}' || token === ']') open.pop()
    else if (text !== undefined && colon !== undefined && inner !== undefined) {
      inner.name = String(JSON.parse(text))
      if (inner.names.has(inner.name)) found.push(open.map(({ name }) => name))
      inner.names.add(inner.name)
    }
  }
  return found
}
