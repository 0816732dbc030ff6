import { bySize, type Measure, median, type Row, show } from './measure.ts'
import { type RealStack, withRealStack } from './real-stack.ts'
import { type BatchSigner, createBatchSigners } from './signers.ts'

async function compare(real: RealStack, version: 1 | 2, rounds: number): Promise<readonly Row[]> {
  const { ours, ...others } = await createBatchSigners(real, version)
  const peers = Object.values(others)
  await ours.sign(3)
  const found = new Map<BatchSigner, number[]>([ours, ...peers].map((signer) => [signer, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const [signer, times] of found) times.push(await signer.sign(1))
  const timeOf = (signer: BatchSigner): number => median(found.get(signer) ?? [])
  return peers.map((peer) => ({
    what: `one file of 20 kB on Rekor v${version}, no time added, against ${peer.name}`,
    found: `${show(timeOf(ours))} ms against ${show(timeOf(peer))} ms; medians of ${rounds}`,
    ratio: timeOf(peer) / timeOf(ours),
    bar: '',
    numbers: { milliseconds: timeOf(ours), theirMilliseconds: timeOf(peer), rounds },
  }))
}

export const oneFile: Measure = {
  name: 'one-file',
  title: 'One file, from the start of the process to its end, on the real servers',
  how:
    'The same servers and signers without added time, one file each, in turns: what a process costs to start, and what it ' +
    'does before and after its requests. Ours fetches the token and verifies the bundle within its time; the others are given the token.',
  run: (size) => {
    const rounds = bySize(size, { quick: 3, usual: 7, full: 15 })
    return withRealStack(0, async (real) => [
      ...(await compare(real, 1, rounds)),
      ...(await compare(real, 2, rounds)),
    ])
  },
}
