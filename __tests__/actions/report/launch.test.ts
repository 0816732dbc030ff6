import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Launch, launch } from '../../../src/actions/report/launch.ts'
import type { SignOutcome } from '../../../src/actions/report/outcome.ts'
import { ActionError } from '../../../src/errors.ts'
import { type FakeOptions, fakeWorld } from '../../dist/fake-world.ts'
import { memoryFiles } from '../memory-files.ts'
import { subject, TRUST } from '../outcomes.ts'

const SIGNED: SignOutcome = {
  action: 'sign',
  version: '1.2.3',
  result: 'signed',
  started: 0,
  finished: 1,
  trust: TRUST,
  subjects: [subject('app.bin')],
  public: [],
}

const ACTION: Launch<SignOutcome> = {
  run: async () => SIGNED,
  failed: (error, untold) => ({ ...SIGNED, subjects: untold?.subjects ?? [], result: 'failed', error }),
  names: ['one', 'two', 'report-path', 'error-code'],
  outputs: () => ({ one: '1', two: '2' }),
  recipes: () => 'verify it\n',
}

const world = (options: Partial<FakeOptions> = {}) =>
  fakeWorld({ files: memoryFiles({}), env: { RUNNER_TEMP: '/temp' }, ...options })

const REPORT = '/temp/keyless-1/report.json'
const unwritable = new ActionError('OUTPUT_WRITE', 'the disk is full')
const refused = new ActionError('TLOG_REFUSED', 'not you')

const resultOf = (text: string | undefined): readonly unknown[] => {
  const { result, error } = JSON.parse(text ?? '{}')
  return [result, error?.code]
}

suite('launch', () => {
  test('a success is told in outputs, report, summary and log, and ends well', async () => {
    const all = world()
    assert.equal(await launch(all, ACTION), true)
    const { outputs, files, summaries, errors } = all.told
    assert.deepEqual(outputs, [{ one: '1', two: '2', 'report-path': REPORT, 'error-code': '' }])
    assert.deepEqual(resultOf(files.get(REPORT)), ['signed', undefined])
    assert.match(summaries[0] ?? '', /verify it/)
    assert.deepEqual(errors, [])
  })

  test('a failure is told the same way, with no other output', async () => {
    const all = world()
    const run = async (): Promise<SignOutcome> => ({ ...SIGNED, result: 'failed', error: refused })
    assert.equal(await launch(all, { ...ACTION, run }), false)
    assert.deepEqual(all.told.outputs, [
      { one: '', two: '', 'report-path': REPORT, 'error-code': 'TLOG_REFUSED' },
    ])
    assert.equal(all.told.errors.length, 1)
    assert.doesNotMatch(all.told.summaries[0] ?? '', /verify it/)
  })

  test('no summary where none is wanted', async () => {
    const all = world({ inputs: { 'show-summary': 'false' } })
    assert.equal(await launch(all, ACTION), true)
    assert.deepEqual(all.told.summaries, [])
  })

  test('a bug is INTERNAL, and its own words stay out of what is shown', async () => {
    const all = world()
    const run = (): Promise<SignOutcome> => Promise.reject(new TypeError('near eyJhbGciOi'))
    assert.equal(await launch(all, { ...ACTION, run }), false)
    assert.equal(all.told.outputs[0]?.['error-code'], 'INTERNAL')
    const shown = [...all.told.errors, ...all.told.lines, ...all.told.summaries, ...all.told.files.values()]
    assert.doesNotMatch(shown.join('\n'), /eyJ/)
  })

  test('an unsafe environment runs nothing', async () => {
    const all = world()
    const unsafe = {
      ...all,
      assertSafe: () => {
        throw new ActionError('NET_INSECURE', 'no checks')
      },
    }
    const run = (): Promise<SignOutcome> => assert.fail('was run')
    assert.equal(await launch(unsafe, { ...ACTION, run }), false)
    assert.equal(all.told.outputs[0]?.['error-code'], 'NET_INSECURE')
  })

  const UNTOLD: readonly (readonly [string, Partial<FakeOptions>, string])[] = [
    ['the report cannot be written', { writeError: unwritable }, ''],
    ['the summary cannot be written', { summaryError: unwritable }, REPORT],
    ['the outputs cannot be written at first', { outputErrors: [unwritable] }, REPORT],
  ]
  for (const [title, options, reportPath] of UNTOLD) {
    test(`a success fails when ${title}`, async () => {
      const all = world(options)
      assert.equal(await launch(all, ACTION), false)
      const { outputs, errors, files } = all.told
      assert.deepEqual(outputs, [
        { one: '', two: '', 'report-path': reportPath, 'error-code': 'OUTPUT_WRITE' },
      ])
      assert.match(errors.join(), /^OUTPUT_WRITE: the disk is full/)
      if (reportPath !== '') assert.deepEqual(resultOf(files.get(REPORT)), ['failed', 'OUTPUT_WRITE'])
    })
  }

  test('outputs that can never be written: no success, and the error is in the log', async () => {
    const all = world({ outputErrors: [unwritable, unwritable] })
    assert.equal(await launch(all, ACTION), false)
    assert.deepEqual(all.told.outputs, [])
    assert.equal(all.told.errors.length, 1)
  })

  test('a failure keeps its own code when it cannot be told either', async () => {
    const all = world({ summaryError: unwritable })
    const run = async (): Promise<SignOutcome> => ({ ...SIGNED, result: 'failed', error: refused })
    assert.equal(await launch(all, { ...ACTION, run }), false)
    assert.equal(all.told.outputs[0]?.['error-code'], 'TLOG_REFUSED')
  })

  test('without RUNNER_TEMP there is no report, and all else is told', async () => {
    const all = world({ env: {} })
    assert.equal(await launch(all, ACTION), true)
    assert.equal(all.told.outputs[0]?.['report-path'], '')
  })
})
