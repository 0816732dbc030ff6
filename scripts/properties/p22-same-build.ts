import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Property, startTally } from './property.ts'

const UMASKS = [0o022, 0o077]

export const property: Property = {
  number: 22,
  title: 'Reviewed build equals shipped build',
  measure: () => {
    const tally = startTally()
    const base = mkdtempSync(join(tmpdir(), 'keyless-build-'))
    const before = process.umask()
    try {
      const folders = UMASKS.map((umask, i) => {
        process.umask(umask)
        const folder = join(base, String(i), 'dist')
        const { status, stderr } = spawnSync(process.execPath, ['scripts/build.ts', folder], {
          encoding: 'utf8',
        })
        if (status !== 0) throw new Error(`the build fails: ${stderr.slice(-500)}`)
        return folder
      })
      const [first = ''] = folders
      for (const name of readdirSync(first)) {
        const built = readFileSync(join(first, name))
        const again = readFileSync(join(folders[1] ?? '', name))
        tally.check(built.equals(again), `${name} differs between two builds`)
        tally.check(built.equals(readFileSync(join('dist', name))), `dist/${name} is not what src/ makes`)
      }
    } finally {
      process.umask(before)
      rmSync(base, { recursive: true, force: true })
    }
    return tally.result('files, two builds in two folders under two umasks, and dist/, byte for byte')
  },
}
