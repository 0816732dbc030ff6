import { countText } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import type { ActionOutcome, PublishedRecord } from './outcome.ts'

type Stored = Extract<PublishedRecord, { kind: 'attestation' }>

const MOST = 20

/** What GitHub's store of attestations holds of this run, in words: how many first, then each. Foreign names are quoted. */
export function storedLines(outcome: ActionOutcome): readonly string[] {
  if (outcome.action !== 'sign') return []
  const stored = (outcome.published ?? []).filter((one) => one.kind === 'attestation')
  if (stored.length === 0) return []
  return [
    `${countText(stored.length, 'attestation')} of ours in GitHub's store`,
    ...stored.slice(0, MOST).map(storedText),
    ...(stored.length > MOST ? [`… and ${stored.length - MOST} more: the JSON report has them all`] : []),
  ]
}

const storedText = ({ bundle, url, kept }: Stored): string =>
  `${quote(bundle)}${url === undefined ? '' : `: ${url}`}${kept === true ? ', there before' : ''}`
