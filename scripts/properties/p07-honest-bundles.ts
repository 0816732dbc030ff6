import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runAction, writeFiles } from '../../bench/action.ts'
import { createSigstoreJs } from '../../bench/sigstore-js.ts'
import { withInstance } from './good-bundles.ts'
import { corpusCases } from './p01-no-false-accept.ts'
import { type Property, type Result, startTally, sum } from './property.ts'
import { ABSENT, hasSharedData } from './shared-data.ts'

const FILES = 5

/** What dist/sign.js makes, judged by the one other client that runs here. */
function ourOutput(): Promise<Result> {
  return withInstance(async ({ sandbox, identity }) => {
    const tally = startTally()
    const verify = createSigstoreJs(sandbox.trustedRoot)
    for (const rekor of ['1', '2']) {
      const job = await sandbox.newJob()
      await writeFiles(job.workspace, FILES, 1000)
      await runAction('sign', { ...job.env, 'INPUT_SUBJECT-PATH': 'dist/*', 'INPUT_REKOR-VERSION': rekor })
      const folder = join(job.workspace, 'dist')
      for (const name of (await readdir(folder)).filter((one) => one.endsWith('.bin'))) {
        const accepted = await accepts(join(folder, name), (bundle, artifact) =>
          verify(bundle, artifact, identity),
        )
        tally.check(accepted, `${name} on Rekor v${rekor}: no bundle that @sigstore/verify accepts`)
      }
    }
    return tally.result('bundles of dist/sign.js that @sigstore/verify accepts')
  })
}

async function accepts(
  file: string,
  verify: (bundle: Uint8Array, artifact: Uint8Array) => void,
): Promise<boolean> {
  try {
    verify(await readFile(`${file}.sigstore.json`), await readFile(file))
    return true
  } catch {
    return false
  }
}

export const property: Property = {
  number: 7,
  title: 'Honest bundles are accepted',
  measure: async () => (hasSharedData() ? sum([corpusCases('accepted'), await ourOutput()]) : ABSENT),
}
