import { countText, groupDigits } from '../../core/counts.ts'
import { quote } from '../../core/printable.ts'
import type { ActionOutcome, PublishedRecord } from './outcome.ts'

type Placed = Extract<PublishedRecord, { kind: 'release-asset' }>

/** What stands on a release or as a workflow artifact now, in words. Foreign names are quoted. */
export function publishedLines(outcome: ActionOutcome): readonly string[] {
  if (outcome.action !== 'sign') return []
  const published = outcome.published ?? []
  const artifacts = published.filter((one) => one.kind === 'artifact')
  return [
    ...releaseLines(published),
    ...artifacts.map(
      ({ name, digest, url }) => `workflow artifact ${quote(name)}, SHA-256 ${digest}: ${url}`,
    ),
  ]
}

/** How many first, then each. */
function releaseLines(published: readonly PublishedRecord[]): readonly string[] {
  const assets = published.filter((one) => one.kind === 'release-asset')
  const [made] = published.filter((one) => one.kind === 'release')
  const [first] = assets
  if (first === undefined) return []
  const kept = assets.filter((one) => one.kept === true).length
  const before = kept === 0 ? '' : `, ${groupDigits(kept)} of them from before`
  const state = made === undefined ? '' : `, which was published: ${made.url}`
  return [
    `${countText(assets.length, 'asset')} of ours on the release ${quote(first.release)}${before}${state}`,
    ...assets.slice(0, MOST).map(assetText),
    ...(assets.length > MOST ? [`… and ${assets.length - MOST} more: the JSON report has them all`] : []),
  ]
}

const MOST = 50

const assetText = ({ name, digest, size, kept }: Placed): string =>
  `${quote(name)}, ${countText(size, 'byte')}, SHA-256 ${digest}${kept === true ? ', there before' : ''}`
