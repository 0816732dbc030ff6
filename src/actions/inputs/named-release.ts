import { quote } from '../../core/printable.ts'
import { ActionError } from '../../errors.ts'
import type { NamedRelease } from '../../github/releases.ts'
import { findRefFault } from './ref-syntax.ts'

/**
 * A tag, or `id:` and a number. INPUT_VALUE; also for `latest`, which is another one tomorrow. `others` ends the advice
 * with what else the input takes.
 */
export function parseNamedRelease(written: string, others = ''): NamedRelease {
  const refused = (why: string): ActionError =>
    new ActionError('INPUT_VALUE', `\`release\` is ${quote(written)}: ${why}`, {
      hint: `Write a tag such as \`v1.2.3\`, \`id:\` and the number of the release${others}.`,
    })
  if (written.startsWith('id:')) {
    const id = Number(/^id:([1-9][0-9]{0,15})$/.exec(written)?.[1])
    if (Number.isSafeInteger(id)) return { kind: 'id', id }
    throw refused('behind `id:` stands the number of the release')
  }
  if (written === 'latest') throw refused('that is another one tomorrow')
  if (written.startsWith('refs/')) throw refused('a release is named by its tag, without `refs/tags/`')
  const fault = findRefFault(`refs/tags/${written}`)
  if (fault === undefined) return { kind: 'tag', tag: written }
  throw refused(fault)
}
