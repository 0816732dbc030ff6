/**
 * `npm run conformance -- DIR` verifies every case of `DIR/conformance/index.json`, by path and by digest, and prints a
 * line for each. Identity, issuer (or key), trusted root and artifact are applied, nothing of the actions' own policy.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runConformance } from './conformance-cases.ts'

const root = process.argv[2]
if (root === undefined || !existsSync(join(root, 'conformance/index.json'))) {
  console.error('Usage: npm run conformance -- DIR, where DIR/conformance/index.json lists the cases')
  process.exit(2)
}
const { lines, right, all, skipped } = runConformance(root)
for (const line of lines) console.log(line)
console.log(`${right} of ${all}${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(right === all && all > 0 ? 0 : 1)
