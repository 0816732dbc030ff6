/** Builds `dist/` from `src/main/`: one CommonJS file for each action and one for what uploads artifacts, the names in it kept so that it can be read. */
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

const out = process.argv[2] ?? 'dist'

/**
 * The HTTP client of the toolkit brings two: node's own, which all our requests use, and undici behind one method that
 * nothing here calls. An empty stand-in for the second keeps half a megabyte and 20 ms out of every start.
 */
const withoutUndici: Plugin = {
  name: 'without-undici',
  setup: (builder) => {
    builder.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'absent' }))
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export class ProxyAgent {}' }))
  },
}

/** The toolkit's modules do nothing when they are loaded, so those that nothing uses are left out. */
const pureToolkit: Plugin = {
  name: 'pure-toolkit',
  setup: (builder) => {
    builder.onResolve(
      { filter: /^(?:@actions\/|\.)/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === pureToolkit.name) return undefined
        const found = await builder.resolve(path, {
          importer,
          kind,
          resolveDir,
          pluginData: pureToolkit.name,
        })
        return /[\\/]@actions[\\/]/.test(found.path) ? { ...found, sideEffects: false } : found
      },
    )
  },
}

/**
 * The artifact client hears our own stand-in for `@actions/core`, which prints nothing, and does without what only its
 * downloads need: a client for the REST API and one for archives, half of its size.
 */
const withoutDownloads: Plugin = {
  name: 'without-downloads',
  setup: (builder) => {
    const voice = resolve('src/host/artifact-voice.ts')
    builder.onResolve({ filter: /^@actions\/core$/ }, () => ({ path: voice }))
    const unused = /^(?:@actions\/github(?:\/.*)?|@octokit\/plugin-.*|unzip-stream)$/
    builder.onResolve({ filter: unused }, () => ({ path: 'unused', namespace: 'unused' }))
    builder.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents:
        'export const getOctokit = undefined, context = undefined, defaults = {}, retry = undefined, requestLog = undefined\nexport default undefined',
    }))
  },
}

const common = {
  outdir: out,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: false,
  // What is ASCII throughout takes one byte a character in memory, and less time to read.
  charset: 'ascii',
  legalComments: 'none',
  lineLimit: 200,
  metafile: true,
  logLevel: 'info',
} as const satisfies BuildOptions

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
const actions = await build({
  ...common,
  entryPoints: ['src/main/sign.ts', 'src/main/verify.ts'],
  plugins: [withoutUndici, pureToolkit],
})
// One of its packages asks for its own address as ES modules do.
const uploader = await build({
  ...common,
  entryPoints: ['src/main/artifact.ts'],
  define: { 'import.meta.url': 'ownAddress' },
  banner: { js: 'const ownAddress=require("node:url").pathToFileURL(__filename).href;' },
  plugins: [withoutUndici, withoutDownloads],
})
for (const { warnings } of [actions, uploader])
  if (warnings.length > 0) throw new Error('the bundler warns; see above')
// The project is made of ES modules; what the runner starts is CommonJS, which needs no banner for `require`.
await writeFile(join(out, 'package.json'), '{ "type": "commonjs" }\n')
await writeFile(join(out, 'licenses.txt'), licenses(actions.metafile, uploader.metafile))

/** The notices of every package that went into the files: they travel with copies. */
function licenses(...metafiles: readonly Metafile[]): string {
  const folders = new Set<string>()
  for (const path of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)
    if (match?.[1] !== undefined) folders.add(match[1])
  }
  return [...folders].sort().map(noticeOf).join('\n')
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = [
    'LICENSE',
    'LICENSE.md',
    'LICENSE.txt',
    'license',
    'LICENCE',
    'LICENSE-MIT.txt',
    'license.md',
  ]
  for (const file of files) {
    try {
      return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    } catch {
      // the next spelling
    }
  }
  return `${name} ${version} (${license}), from ${dirname(folder)}\n`
}
