import { concatBytes } from '../../src/core/bytes.ts'
import { parseElements } from '../../src/core/der.ts'
import { encodeDer } from '../../src/core/der-encode.ts'

const elementsOf = (content: Uint8Array) => parseElements(content, 'INTERNAL', 'the test data')

/**
 * The same DER with one element changed: `path` gives the child's number at each level, through OCTET STRINGs that hold
 * DER too. All lengths around it are written anew; a change to nothing removes it.
 */
export function edit(
  der: Uint8Array,
  path: readonly number[],
  change: (element: Uint8Array) => Uint8Array,
): Uint8Array {
  const [step, ...rest] = path
  if (step === undefined) return change(der)
  const [{ tag, content } = { tag: 0, content: der }] = elementsOf(der)
  const children = elementsOf(content).map(({ raw }) => raw)
  const child = children[step]
  if (child === undefined) throw new Error(`no element ${step} of ${children.length}`)
  return encodeDer(tag, concatBytes(...children.with(step, edit(child, rest, change))))
}

/** The element at the path. */
export function at(der: Uint8Array, path: readonly number[]): Uint8Array {
  let found = new Uint8Array()
  edit(der, path, (element) => {
    found = Uint8Array.from(element)
    return element
  })
  return found
}

/** The same bytes with one of them changed. */
export function flip(bytes: Uint8Array, index: number, mask = 0x01): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[index] = (changed[index] ?? 0) ^ mask
  return changed
}
