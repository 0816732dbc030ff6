import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { logLines } from '../../../src/actions/report/log-lines.ts'
import { byteLength } from '../../../src/actions/report/markdown.ts'
import type { ActionOutcome, SubjectOutcome } from '../../../src/actions/report/outcome.ts'
import { encodeSummary, MAX_SUMMARY_BYTES } from '../../../src/actions/report/summary.ts'
import { ActionError } from '../../../src/errors.ts'
import { hostile } from '../hostile.ts'
import {
  CLAIMS,
  COMMIT,
  checked,
  evidence,
  IDENTITY,
  NOON,
  POLICY,
  signed,
  signer,
  subject,
  TRUST,
  unproven,
} from '../outcomes.ts'
import { cellsOf, outsideBlocks, outsideSpans } from '../rendered.ts'

const mismatch = new ActionError('IDENTITY_MISMATCH', 'the source repository is another one', {
  expected: 'https://github.com/octo/demo',
  found: 'https://github.com/evil/demo',
  hint: 'If that signer is the one you mean, add `repository: evil/demo`.',
})
const down = new ActionError('NET_UNREACHABLE', 'Rekor could not be reached')
const firstLine = (text: string): string => text.split('\n')[0] ?? ''

const verdicts: Record<string, [outcome: ActionOutcome, verdict: string]> = {
  'one file': [signed(), '## ✅ Signed: 1 file'],
  'many files': [
    signed({ subjects: Array.from({ length: 1234 }, (_, i) => subject(`f${i}`)) }),
    '## ✅ Signed: 1,234 files',
  ],
  'a kept bundle': [
    signed({ subjects: [subject('a'), subject('b', { kept: true })] }),
    '## ✅ Signed: 2 files (1 now, 1 kept)',
  ],
  nothing: [signed({ result: 'empty', subjects: [] }), '## ⚪ Nothing to sign: no file matched'],
  'a dry run': [
    signed({ result: 'dry-run', subjects: [unproven('a')] }),
    '## ⚪ Dry run: 1 file would be signed',
  ],
  'no service': [signed({ result: 'failed', error: down, subjects: [unproven('a')] }), '## ❌ Not signed'],
  'verified files': [checked(), '## ✅ Verified: 1 file'],
  'a bad file': [
    checked({
      result: 'failed',
      error: mismatch,
      subjects: [subject('a'), unproven('b', { error: mismatch })],
    }),
    '## ❌ Not verified: 1 of 2 files failed',
  ],
}
for (const [what, [outcome, verdict]] of Object.entries(verdicts)) {
  test(`the verdict comes first: ${what}`, () => {
    assert.equal(firstLine(encodeSummary(outcome)), verdict)
    assert.match(
      logLines(outcome).at(-1) ?? '',
      new RegExp(`^${verdict.slice(3).replace(/[()]/g, '\\$&')}\\. `),
    )
  })
}

const told: Record<string, string> = {
  'who signed': IDENTITY,
  'which repository': 'https://github.com/octo/demo',
  'which commit': COMMIT,
  'which ref': 'refs/tags/v1.0.0',
  'which trigger': 'push',
  'which runner': 'github-hosted',
  'which run': 'https://github.com/octo/demo/actions/runs/42/attempts/1',
  when: '2026-11-24 12:00:00 UTC',
  'who vouches for the time': 'rekor.sigstore.dev (transparency log)',
  'which log and index': 'https://rekor.sigstore.dev entry 9007199254740993',
  'which trusted root': TRUST.digest,
  'where it is from and how old': 'shipped with this version of the action, dated 2026-11-20 (4 days old)',
  'each check': 'The certificate is in the certificate transparency log.',
}
for (const [what, text] of Object.entries(told)) {
  test(`a summary tells ${what}`, () => {
    assert.ok(encodeSummary(signed()).includes(text))
    assert.ok(encodeSummary(checked()).includes(text))
  })
}

test('failures come first, expected and found side by side, and what to do', () => {
  const outcome = checked({
    result: 'failed',
    error: new ActionError('VERIFY_FAILED', 'one file failed'),
    subjects: [subject('good'), unproven('bad', { error: mismatch })],
  })
  const lines = encodeSummary(outcome).split('\n')
  const bad = lines.findIndex((line) => line.startsWith('| `bad` |'))
  const good = lines.findIndex((line) => line.startsWith('| `good` |'))
  assert.ok(bad > 0 && bad < good)
  assert.deepEqual(cellsOf(lines[bad - 2] ?? '').slice(2, 4), [' Expected ', ' Found '])
  assert.deepEqual(cellsOf(lines[bad] ?? '').slice(2, 4), [
    ' `https://github.com/octo/demo` ',
    ' `https://github.com/evil/demo` ',
  ])
  assert.ok(
    lines.some(
      (line) => line.startsWith('- For `IDENTITY_MISMATCH`:') && line.includes('`repository: evil/demo`'),
    ),
  )
  assert.ok(logLines(outcome)[0]?.startsWith('✗ bad: IDENTITY_MISMATCH'))
})

test('what became public is told where the run failed', () => {
  const outcome = signed({
    result: 'failed',
    error: down,
    subjects: [unproven('a')],
    public: [
      { kind: 'certificate', identity: IDENTITY },
      { kind: 'entry', log: 'https://rekor.sigstore.dev', index: 12n, subject: 'a' },
      { kind: 'entry', log: 'https://rekor.sigstore.dev' },
    ],
  })
  const text = encodeSummary(outcome)
  assert.match(text, /\*\*What became public:\*\*.* 2 records .* and 1 more may have/)
  assert.match(text, /entry 12 for "a" in the log `https:\/\/rekor\.sigstore\.dev`/)
  assert.match(text, /perhaps an entry \(its answer was lost\)/)
})

test('a run that failed says as whom it would have signed', () => {
  assert.ok(encodeSummary(signed({ result: 'failed', error: down, subjects: [] })).includes(IDENTITY))
})

test('different signers get a number, a table each, and a column', () => {
  const other = evidence({ signer: signer({ ...CLAIMS, sourceRepositoryRef: 'refs/heads/main' }) })
  const text = encodeSummary(
    checked({ subjects: [subject('a'), subject('b', { evidence: other }), subject('c')] }),
  )
  assert.match(text, /^\| Signer 1 \| 2 files \|$/m)
  assert.match(text, /^\| Signer 2 \| 1 file \|$/m)
  assert.match(text, /^\| `b` .* \| 2 \|$/m)
})

test('the recipes are shown whole, or not at all', () => {
  assert.match(encodeSummary(signed(), 'cosign verify-blob a\n'), /```sh\ncosign verify-blob a\n```/)
  const odd = encodeSummary(signed(), "cosign verify-blob '<b>'\n")
  assert.ok(!odd.includes('<b>') && odd.includes('`verify-commands`'))
})

/** Ours, and nothing else, may stand outside of code spans. */
const OUR_HTML = /^(?:<details><summary>[A-Za-z0-9 :,]*<\/summary>|<\/details>)$/

function assertTame(markdown: string): void {
  let columns = 0
  for (const [i, line] of outsideBlocks(markdown).entries()) {
    if (OUR_HTML.test(line)) continue
    const outside = outsideSpans(line)
    if (i > 0) assert.doesNotMatch(outside, /^\s*#|^\s*(?:[-+*=_]\s*){3,}$|^\s*\d+[.)]\s/, line)
    assert.doesNotMatch(outside, /[<>&[\]\\@_~$`]|https?:|www\./, line)
    assert.doesNotMatch(line, /^\s*::|##\[/, line)
    if (!line.startsWith('|')) columns = 0
    else if (columns === 0) columns = cellsOf(line).length
    else assert.equal(cellsOf(line).length, columns, line)
  }
}

const hostileSubject = (text: string, i: number): SubjectOutcome => {
  const claims = Object.fromEntries(Object.keys(CLAIMS).map((name) => [name, `${name} ${text}`]))
  const proof = evidence({
    signer: signer(claims, { type: 'uri', value: text }),
    entries: [{ log: text, logId: 'aa', index: 1n, kind: text, version: text }],
    times: [{ source: 'timestamp authority', at: NOON, by: text }],
    checks: [text],
  })
  if (i % 3 === 0) return subject(text, { bundlePath: text, evidence: proof })
  const error = new ActionError('SIG_INVALID', text, { expected: text, found: text, hint: text })
  return unproven(text, i % 3 === 1 ? { error } : {})
}

test('no foreign text starts a heading, a link, a mention, HTML, a list, a command or a table cell', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 4, maxLength: 4 }), (texts) => {
      const [text = ''] = texts
      const subjects = texts.map(hostileSubject)
      const error = new ActionError('NET_BAD_RESPONSE', text, { expected: text, found: text, hint: text })
      const trust = { ...TRUST, name: text, version: text, date: text }
      const notes = [text]
      const traces = [
        { kind: 'certificate' as const, identity: text, issuer: text },
        { kind: 'entry' as const, log: text, index: 1n, subject: text },
      ]
      assertTame(
        encodeSummary(signed({ result: 'failed', error, subjects, trust, notes, public: traces }), text),
      )
      const policy = { ...POLICY, issuer: text, repository: text, sourceRef: text, trigger: text }
      const unused = [{ bundle: text, reason: text }]
      assertTame(encodeSummary(checked({ result: 'failed', error, subjects, trust, notes, policy, unused })))
    }),
    { numRuns: 300 },
  )
})

test('no line of the log holds a control character or begins a command', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const line of logLines(checked({ subjects: [0, 1, 2].map((i) => hostileSubject(text, i)) }))) {
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]|^\s*::|##\[/u)
      }
    }),
    { numRuns: 300 },
  )
})

const WIDE = '\u202e'.repeat(300)
const huge: Record<string, ActionOutcome> = {
  'many good files': signed({
    subjects: Array.from({ length: 20_000 }, (_, i) => subject(`dist/file-${i}`)),
  }),
  'many failed files': checked({
    result: 'failed',
    error: mismatch,
    subjects: Array.from({ length: 20_000 }, (_, i) => unproven(`f${i}`, { error: mismatch })),
  }),
  'many files of everything, all texts as long as they can be': signed({
    result: 'failed',
    error: new ActionError('INTERNAL', WIDE.repeat(9), { expected: WIDE, found: WIDE, hint: WIDE.repeat(9) }),
    trust: { ...TRUST, name: WIDE, date: WIDE, version: WIDE },
    notes: Array.from({ length: 500 }, () => WIDE),
    public: Array.from({ length: 500 }, () => ({ kind: 'certificate', identity: WIDE })),
    subjects: Array.from({ length: 300 }, (_, i) => hostileSubject(`${i}${WIDE}`, i)),
  }),
}
for (const [what, outcome] of Object.entries(huge)) {
  test(`a summary stays under 200 KiB: ${what}`, () => {
    const text = encodeSummary(outcome, 'x'.repeat(50_000))
    assert.ok(byteLength(text) <= MAX_SUMMARY_BYTES, `${byteLength(text)} bytes`)
    assert.match(text, /^… and [0-9,]+ more .*\. The JSON report has them all\.$/m)
    assert.ok(logLines(outcome).length < 110)
  })
}

test('the budget is used: four hundred files are all shown', () => {
  const subjects = Array.from({ length: 400 }, (_, i) => subject(`f${i}`))
  assert.doesNotMatch(encodeSummary(signed({ subjects })), /more files/)
})

test('a bundle inside the workspace is named as a person would, another one whole', () => {
  const outside = subject('a', { bundlePath: '/other/a.sigstore.json' })
  const windows = subject('d/b', { path: 'C:\\w\\d\\b', bundlePath: 'C:\\w\\all.jsonl' })
  const text = encodeSummary(signed({ subjects: [subject('d/x'), outside, windows] }))
  assert.match(text, /\| `d\/x\.sigstore\.json` \|/)
  assert.match(text, /\| `\/other\/a\.sigstore\.json` \|/)
  assert.match(text, /\| `all\.jsonl` \|/)
})

test('a large number stays a number', () => {
  const error = new ActionError('VERIFY_FAILED', '5 of 5,000 subjects failed: "a" X')
  assert.match(
    encodeSummary(checked({ result: 'failed', error, subjects: [] })),
    /5 of 5,000 subjects failed/,
  )
})

test('a failure that is the verdict, too, is told once', () => {
  const verdict = new ActionError('IDENTITY_MISMATCH', `"b": ${mismatch.message}`, { cause: mismatch })
  const text = encodeSummary(
    checked({ result: 'failed', error: verdict, subjects: [unproven('b', { error: mismatch })] }),
  )
  assert.doesNotMatch(text, /\*\*What failed:\*\*/)
})
