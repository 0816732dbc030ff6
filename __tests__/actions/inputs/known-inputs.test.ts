import assert from 'node:assert/strict'
import test from 'node:test'
import { countEdits } from '../../../src/actions/inputs/edit-distance.ts'
import { checkInputNames } from '../../../src/actions/inputs/known-inputs.ts'

const given = (...names: string[]) => new Map(names.map((name) => [name, 'x']))

test('our own names, and those of our other actions, pass silently', () => {
  assert.deepEqual(checkInputNames(given('subject-path', 'dry-run', 'sigstore'), 'sign'), [])
  assert.deepEqual(checkInputNames(given('source-ref', 'signer-workflow', 'run', 'repository'), 'sign'), [])
  assert.deepEqual(checkInputNames(given('signing-config', 'dry-run', 'time-budget', 'attest'), 'verify'), [])
  assert.deepEqual(checkInputNames(given('scan', 'since', 'bootstrap'), 'sign'), [])
})

const refused: readonly [name: string, action: 'sign' | 'verify', message: RegExp][] = [
  ['subject-pth', 'sign', /did you mean `subject-path`/],
  ['subject_path', 'sign', /did you mean `subject-path`/],
  ['sigstor', 'sign', /did you mean `sigstore`/],
  ['dryrun', 'sign', /did you mean `dry-run`/],
  ['my-own-thing', 'sign', /no input `my-own-thing`: the inputs are/],
  ['repositry', 'verify', /did you mean `repository`/],
  ['tuf-root', 'sign', /not offered by this version/],
  ['tuf-mirror', 'verify', /not offered by this version/],
  ['deny-selfhosted-runners', 'verify', /did you mean `deny-self-hosted-runners`/],
]
for (const [name, action, message] of refused) {
  test(`${action} refuses the input \`${name}\``, () => {
    assert.throws(() => checkInputNames(given('subject-path', name), action), {
      code: 'INPUT_UNKNOWN',
      message,
    })
  })
}

test('a name that may be the job’s own variable is a warning', () => {
  const warnings = checkInputNames(given('colour_of_the_day', 'subject-path'), 'sign')
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /INPUT_COLOUR_OF_THE_DAY/)
})

test('foreign names are shown harmlessly and cost little', () => {
  const name = `${'a'.repeat(100_000)}\n::error::`
  const [warning = ''] = checkInputNames(given(name), 'sign')
  assert.ok(warning.length < 200 && !warning.includes('\n'))
})

test('edits are counted as Levenshtein does', () => {
  const known: [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 2],
    ['same', 'same', 0],
  ]
  for (const [from, to, edits] of known) {
    assert.equal(countEdits(from, to), edits)
    assert.equal(countEdits(to, from), edits)
  }
})
