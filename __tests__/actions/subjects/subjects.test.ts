import assert from 'node:assert/strict'
import test from 'node:test'
import { findSubjects } from '../../../src/actions/subjects/subjects.ts'
import { memoryFiles, type Tree } from '../memory-files.ts'

const LINUX = { platform: 'linux' as const, workspace: '/w', temp: '/t' }
/** As small as a bundle can be: nothing in it would verify, but it is one. */
const BUNDLE = JSON.stringify({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: { publicKey: { hint: '' } },
  messageSignature: {
    messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') },
    signature: 'AA==',
  },
})
const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

const TREE: Tree = {
  '/w/a.txt': 'a',
  '/w/dist/one.tgz': '1',
  '/w/dist/two.tgz': '2',
  '/w/dist/sub/three.tgz': '3',
  '/w/dist/.hidden': 'h',
  '/w/.git/config': 'g',
  '/w/.github/workflows/x.yml': 'x',
  '/w/node_modules/deep/er/file.js': 'n',
  '/w/empty/only/in/here': 'x',
  '/t/made.bin': 't',
  '/elsewhere/secret': 's',
}

interface Asked {
  readonly checksums?: string
  readonly ifNoFilesFound?: 'error' | 'warn' | 'ignore'
  readonly tree?: Tree
}

const find = (patterns: readonly string[], { tree = {}, ifNoFilesFound = 'error', checksums }: Asked = {}) =>
  findSubjects(memoryFiles({ ...TREE, ...tree }), LINUX, {
    patterns,
    ifNoFilesFound,
    ...(checksums !== undefined && { checksums }),
  })

const names = async (patterns: readonly string[], asked: Asked = {}) =>
  (await find(patterns, asked)).subjects.map(({ name }) => name)

test('paths and globs start at the workspace', async () => {
  assert.deepEqual(await names(['a.txt']), ['a.txt'])
  assert.deepEqual(await names(['./dist/*.tgz']), ['dist/one.tgz', 'dist/two.tgz'])
  assert.deepEqual(await names(['dist/**']), ['dist/one.tgz', 'dist/sub/three.tgz', 'dist/two.tgz'])
  assert.deepEqual(await names(['dist/../a.txt']), ['a.txt'])
})

test('absolute ones may lie in the workspace or in RUNNER_TEMP', async () => {
  const { subjects } = await find(['/w/dist/o*', '/t/*'])
  assert.deepEqual(subjects, [
    { name: '/t/made.bin', path: '/t/made.bin' },
    { name: 'dist/one.tgz', path: '/w/dist/one.tgz' },
  ])
  assert.deepEqual(await names(['../t/made.bin']), ['/t/made.bin'])
})

test('each file once, bytewise by path', async () => {
  const tree = { '/w/o/\u{1f600}': '', '/w/o/\uffee': '', '/w/o/Z': '', '/w/o/a': '' }
  assert.deepEqual(await names(['o/*', 'o/**', 'o/a', './o//a'], { tree }), [
    'o/Z',
    'o/a',
    'o/\uffee',
    'o/\u{1f600}',
  ])
})

test('hidden files and .git only where the pattern says so', async () => {
  assert.deepEqual(await names(['dist/.*']), ['dist/.hidden'])
  assert.deepEqual(await names(['dist/.hidden']), ['dist/.hidden'])
  assert.deepEqual(await names(['**/config', 'a.txt'], { ifNoFilesFound: 'ignore' }), ['a.txt'])
  assert.deepEqual(await names(['.*/**']), ['.github/workflows/x.yml'])
  assert.deepEqual(await names(['.git/**']), ['.git/config'])
})

test('what is excluded stays out, whatever the order of lines', async () => {
  assert.deepEqual(await names(['!dist/two.tgz', 'dist/**']), ['dist/one.tgz', 'dist/sub/three.tgz'])
  assert.deepEqual(await names(['dist/**', '!**/sub']), ['dist/one.tgz', 'dist/two.tgz'])
  assert.deepEqual(await names(['dist/**', '!dist/sub/']), ['dist/one.tgz', 'dist/two.tgz'])
  assert.deepEqual(await names(['dist/.hidden', 'a.txt', '!**/*hid*']), ['a.txt'])
})

test('folders that cannot hold a match are not read', async () => {
  const files = memoryFiles(TREE)
  await findSubjects(files, LINUX, { patterns: ['dist/*.tgz', 'dist/*'], ifNoFilesFound: 'error' })
  assert.deepEqual(files.listed, ['/w/dist'])
})

test('a link inside counts as the file, under its own name', async () => {
  const tree: Tree = { '/w/dist/link.tgz': { link: '/w/a.txt' }, '/w/dist/temp.tgz': { link: '/t/made.bin' } }
  assert.deepEqual(await names(['dist/l*', 'dist/temp.tgz'], { tree }), ['dist/link.tgz', 'dist/temp.tgz'])
})

test('linked folders are not entered, but a file may be named through one', async () => {
  const tree: Tree = { '/w/linked': { link: '/w/dist' }, '/w/out': { link: '/elsewhere' } }
  assert.deepEqual(await names(['*'], { tree }), ['a.txt'])
  assert.deepEqual(await names(['linked/one.tgz'], { tree }), ['linked/one.tgz'])
  await assert.rejects(names(['linked/*'], { tree }), { code: 'INPUT_NO_MATCH' })
  await assert.rejects(names(['out/secret'], { tree }), { code: 'FILE_OUTSIDE' })
})

test('bundles that a glob matches are left out with a notice, by content', async () => {
  const tree = {
    '/w/dist/one.tgz.sigstore.json': BUNDLE,
    '/w/dist/all.jsonl': `${BUNDLE}\n${BUNDLE}\n`,
    '/w/dist/padded.json': `\n ${BUNDLE}${' '.repeat(5000)}`,
    '/w/dist/not.sigstore.json': JSON.stringify({ mediaType: 'text/plain', note: BUNDLE }),
    '/w/dist/broken.sigstore.json': BUNDLE.slice(0, -1),
    '/w/dist/list.json': `[${BUNDLE}]`,
    '/w/dist/junk.json': JSON.stringify({ update: 'evil', ...JSON.parse(BUNDLE) }),
    '/w/dist/rules.jsonl': `${BUNDLE}\n{"allow":"evil"}\n`,
  }
  const { subjects, notices } = await find(['dist/*'], { tree })
  assert.deepEqual(
    subjects.map(({ name }) => name),
    [
      'dist/broken.sigstore.json',
      'dist/junk.json',
      'dist/list.json',
      'dist/not.sigstore.json',
      'dist/one.tgz',
      'dist/rules.jsonl',
      'dist/two.tgz',
    ],
  )
  assert.equal(notices.length, 1)
  assert.match(notices[0] ?? '', /all\.jsonl.*padded\.json|padded\.json.*all\.jsonl/)
})

test('an invisible character in a name is said', async () => {
  const { notices } = await find(['o/*'], { tree: { '/w/o/a\u202eb': '' } })
  assert.match(notices.join(), /invisible.*\\u\{202e\}/)
})

test('files of a checksums file come with their digest, from that file’s folder', async () => {
  const tree = { '/w/dist/SUMS': `${A}  one.tgz\n${B} *./sub/three.tgz\n${A}  /t/made.bin\n` }
  const { subjects } = await find([], { tree, checksums: 'dist/SUMS' })
  assert.deepEqual(subjects, [
    { name: '/t/made.bin', path: '/t/made.bin', expectedDigest: A },
    { name: 'dist/one.tgz', path: '/w/dist/one.tgz', expectedDigest: A },
    { name: 'dist/sub/three.tgz', path: '/w/dist/sub/three.tgz', expectedDigest: B },
  ])
})

test('patterns and checksums together are the union, and the digest is kept', async () => {
  const tree = { '/w/SUMS': `${A}  dist/one.tgz\n` }
  const { subjects } = await find(['dist/*.tgz'], { tree, checksums: 'SUMS' })
  assert.deepEqual(subjects, [
    { name: 'dist/one.tgz', path: '/w/dist/one.tgz', expectedDigest: A },
    { name: 'dist/two.tgz', path: '/w/dist/two.tgz' },
  ])
})

test('if-no-files-found decides about patterns that match nothing', async () => {
  const asked = ['a.txt', 'nothing*', 'dist']
  await assert.rejects(find(asked.slice(0, 2)), { code: 'INPUT_NO_MATCH', message: /"nothing\*"/ })
  const warned = await find(asked.slice(0, 2), { ifNoFilesFound: 'warn' })
  assert.equal(warned.subjects.length, 1)
  assert.match(warned.warnings.join(), /"nothing\*"/)
  const ignored = await find(['nothing'], { ifNoFilesFound: 'ignore' })
  assert.deepEqual(ignored, { subjects: [], absent: [], notices: [], warnings: [] })
})

const refused: readonly [why: string, patterns: string[], code: string, message?: RegExp, tree?: Tree][] = [
  ['a path that is not there', ['nope.txt'], 'INPUT_NO_MATCH', /"nope.txt"/],
  ['a glob that matches nothing beside one that does', ['a.txt', '*.zip'], 'INPUT_NO_MATCH', /"\*\.zip"/],
  ['a glob that matches folders only', ['e*'], 'INPUT_NO_MATCH', /1 directory, 0 files/],
  [
    'a glob that matches bundles only',
    ['b/*'],
    'INPUT_NO_MATCH',
    /1 bundle, 0 files/,
    { '/w/b/x.json': BUNDLE },
  ],
  ['exclusions of everything', ['a.txt', '!a.txt'], 'INPUT_NO_MATCH', /excluded/],
  ['a folder by name', ['dist'], 'FILE_NOT_REGULAR', /"dist" is a directory/],
  ['a folder with its slash', ['dist/'], 'FILE_NOT_REGULAR'],
  ['the workspace', ['.'], 'FILE_NOT_REGULAR'],
  ['a file with a slash', ['a.txt/'], 'INPUT_NO_MATCH'],
  ['a glob for folders', ['d*/'], 'INPUT_GLOB', /d\*\/\*\*/],
  ['a file outside', ['../elsewhere/secret'], 'FILE_OUTSIDE'],
  ['an absolute path outside', ['/elsewhere/*'], 'FILE_OUTSIDE'],
  ['a neighbour of the workspace', ['/w2/a'], 'FILE_OUTSIDE'],
  ['a way back behind a wildcard', ['d*/../a.txt'], 'INPUT_GLOB'],
  ['a malformed glob', ['[a-'], 'INPUT_GLOB'],
  ['an empty exclusion', ['!'], 'INPUT_GLOB'],
  ['a link that leaves', ['o/*'], 'FILE_OUTSIDE', /"o\/l"/, { '/w/o/l': { link: '/elsewhere/secret' } }],
  [
    'a link that leaves, by name',
    ['o/l'],
    'FILE_OUTSIDE',
    /"o\/l"/,
    { '/w/o/l': { link: '/elsewhere/secret' } },
  ],
  ['a dangling link', ['o/*'], 'FILE_SYMLINK', /./, { '/w/o/l': { link: '/w/gone' } }],
  ['a loop of links', ['o/*'], 'FILE_SYMLINK', /./, { '/w/o/l': { link: '/w/o/l' } }],
  ['a pipe', ['o/*'], 'FILE_NOT_REGULAR', /"o\/p"/, { '/w/o/p': { other: true } }],
  ['a pipe by name', ['o/p'], 'FILE_NOT_REGULAR', /"o\/p"/, { '/w/o/p': { other: true } }],
  ['a bundle by name', ['a.json'], 'FILE_IS_BUNDLE', /"a.json"/, { '/w/a.json': BUNDLE }],
  ['a bundle by name and by glob', ['*', 'a.json'], 'FILE_IS_BUNDLE', /./, { '/w/a.json': BUNDLE }],
  ['a line break in a name', ['o/*'], 'FILE_NAME', /\\n/, { '/w/o/a\n::error::': '' }],
]
for (const [why, patterns, code, message = /./, tree = {}] of refused) {
  test(`findSubjects refuses: ${why}`, async () => {
    await assert.rejects(find(patterns, { tree }), { name: 'ActionError', code, message })
  })
}

test('a directory comes with the pattern that was meant', async () => {
  await assert.rejects(find(['dist/']), { hint: /`dist\/\*\*`/ })
})

const badSums: Record<string, [text: string, code: string]> = {
  'a file that is not there': [`${A}  dist/one.tgz\n${A}  gone\n`, 'INPUT_NO_MATCH'],
  'a directory': [`${A}  dist\n`, 'FILE_NOT_REGULAR'],
  'a file outside': [`${A}  ../elsewhere/secret\n`, 'FILE_OUTSIDE'],
  'two spellings and two digests': [`${A}  a.txt\n${B}  ./dist/../a.txt\n`, 'INPUT_CHECKSUMS'],
  'a line break in a name': [`\\${A}  a\\nb\n`, 'FILE_NAME'],
  'bytes that are no lines': ['\0\0', 'INPUT_CHECKSUMS'],
}
for (const [why, [text, code]] of Object.entries(badSums)) {
  test(`a checksums file is refused that names: ${why}`, async () => {
    const asked = { tree: { '/w/SUMS': text }, checksums: 'SUMS', ifNoFilesFound: 'ignore' as const }
    await assert.rejects(find([], asked), { name: 'ActionError', code })
  })
}

test('no pattern is too hard for a deep tree', async () => {
  const path = `/w/${Array.from({ length: 60 }, () => 'aaaaaaaaaa').join('/')}`
  await assert.rejects(find([`${'**/'.repeat(12)}*a*a*a*a*b`], { tree: { [path]: '' } }), {
    code: 'INPUT_NO_MATCH',
  })
})

test('100,001 files are too many', async () => {
  const many = Array.from({ length: 100_001 }, (_, i) => ({ name: `f${i}`, kind: 'file' as const }))
  const files = { ...memoryFiles(TREE), list: async () => many }
  const asked = { patterns: ['*'], ifNoFilesFound: 'error' as const }
  await assert.rejects(findSubjects(files, LINUX, asked), { code: 'INPUT_TOO_MANY', message: /100,000/ })
})

test('on Windows both slashes work and names have /', async () => {
  const places = { platform: 'win32' as const, workspace: 'D:\\a\\r', temp: 'D:\\a\\_temp' }
  const tree = { 'D:\\a\\r\\dist\\one.exe': '1', 'D:\\a\\r\\dist\\two.exe': '2', 'D:\\a\\_temp\\t.exe': 't' }
  const patterns = ['dist\\*.exe', 'd:/A/r/dist/one.exe', 'D:\\a\\_temp\\t.exe', '!dist\\two.exe']
  const asked = { patterns, ifNoFilesFound: 'ignore' as const }
  const { subjects } = await findSubjects(memoryFiles(tree, '\\'), places, asked)
  assert.deepEqual(subjects, [
    { name: 'D:/a/_temp/t.exe', path: 'D:\\a\\_temp\\t.exe' },
    { name: 'dist/one.exe', path: 'D:\\a\\r\\dist\\one.exe' },
  ])
  for (const [pattern, code] of [
    ['dist\\one.exe:stream', 'FILE_NAME'],
    ['NUL', 'FILE_NAME'],
    ['C:one.exe', 'INPUT_VALUE'],
    ['E:\\x', 'FILE_OUTSIDE'],
  ] as const) {
    const refusal = findSubjects(memoryFiles(tree, '\\'), places, { ...asked, patterns: [pattern] })
    await assert.rejects(refusal, { code })
  }
})
