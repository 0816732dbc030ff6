import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { holdContract, SUITES } from '../../e2e/contract/contract.ts'
import { sandboxTarget } from '../../e2e/contract/targets.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'

const sandbox = await startSandbox({ checkpointInterval: 100 })
const findings = await holdContract(sandboxTarget(sandbox))
await sandbox.close()

for (const { service, cases, relations } of SUITES) {
  suite(`${service} answers as the real one does (npm run e2e asks both)`, () => {
    const own = findings.filter((finding) => finding.service === service)
    test('all of the table was asked', () => assert.equal(own.length, cases.length + relations.length))
    for (const { name, fault } of own) {
      test(name, () => assert.equal(fault, undefined, fault))
    }
  })
}
