import { secondaryLimit } from '../../sandbox/github/limits.ts'
import { codeOf, countRequests, jobWith, RELEASE_INPUTS, type Shown, sign, withNight } from './night.ts'

/**
 * Ten jobs of a matrix attach to one draft at once, while GitHub limits, breaks off and loses answers; then one job signs
 * what the draft has, finds all of it signed, and publishes.
 */

const JOBS = 10

export const showJobs = (): Promise<Shown> =>
  withNight({}, 'draft', async (night) => {
    const { sandbox, release } = night
    const uploads = { service: 'github-uploads' } as const
    sandbox.faults.add({
      ...uploads,
      from: 3,
      count: 2,
      fault: { kind: 'answer', answer: secondaryLimit(1) },
    })
    sandbox.faults.add({ ...uploads, from: 9, count: 1, fault: { kind: 'lose' } })
    sandbox.faults.add({ ...uploads, from: 14, count: 1, fault: { kind: 'drop' } })
    const names = Array.from({ length: JOBS }, (_, i) => `app-${i}.bin`)
    const runs = await Promise.all(
      names.map(async (name) => {
        const job = await jobWith(night, { [name]: `content of ${name}` })
        return sign(job, { ...RELEASE_INPUTS, 'INPUT_JOB-TOTAL': String(JOBS) })
      }),
    )
    const { entries } = countRequests(sandbox)
    sandbox.requests.clear()
    const last = await sign(await jobWith(night, {}), {
      ...RELEASE_INPUTS,
      'INPUT_SUBJECT-PATH': '',
      'INPUT_RELEASE-FILES': 'false',
      'INPUT_RELEASE-ASSETS': 'all-unchecked',
      'INPUT_RELEASE-PUBLISH': 'true',
    })
    const assets = [...(release?.assets.values() ?? [])]
    const once = (name: string): boolean => assets.filter((asset) => asset.name === name).length === 1
    const checks: Readonly<Record<string, boolean>> = {
      ...Object.fromEntries(
        names.map((name, i) => [
          `${name} and its bundle are there once`,
          codeOf(runs[i] ?? last) === 'ok' && once(name) && once(`${name}.sigstore.json`),
        ]),
      ),
      'nothing else is there': assets.length === 2 * JOBS,
      'each file was logged once': entries === JOBS,
      'the last job publishes': codeOf(last) === 'ok' && release?.draft === false,
      'and logs nothing again': countRequests(sandbox).entries === 0,
    }
    const faults = Object.entries(checks).flatMap(([what, is]) => (is ? [] : [`not so: ${what}`]))
    const failed = [...runs, last].filter((one) => one.code !== 0).map(({ text }) => text.slice(-500))
    return {
      title: `${JOBS} jobs of a matrix at once, and one that publishes`,
      right: Object.keys(checks).length - faults.length,
      all: Object.keys(checks).length,
      lines: Object.keys(checks),
      faults: [...faults, ...failed],
    }
  })
