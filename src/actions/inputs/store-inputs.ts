import { ActionError } from '../../errors.ts'
import { type DeclaredInputs, readChoice } from './inputs.ts'
import type { SIGN_INPUTS } from './known-inputs.ts'

/** What a failure to store means: `best-effort` a warning, `require` a failed step. */
export type StoreMode = 'best-effort' | 'require'

/** undefined for `off`. INPUT_CONFLICT where there is no attestation to be stored. */
export function parseStoreMode(
  inputs: DeclaredInputs<keyof typeof SIGN_INPUTS>,
  attest: { readonly kind: string },
): StoreMode | undefined {
  const mode = readChoice(inputs, 'github-attestations', ['off', 'best-effort', 'require'])
  if (mode === 'off') return undefined
  if (attest.kind !== 'none') return mode
  throw new ActionError(
    'INPUT_CONFLICT',
    `\`github-attestations\` is \`${mode}\`, and \`attest\` is \`none\``,
    {
      hint: 'GitHub stores attestations and no plain signatures: set `attest`, or remove `github-attestations`.',
    },
  )
}
