import { startDigest } from '../../src/core/digest.ts'
import { ActionError } from '../../src/errors.ts'
import type { DigestElsewhere, EntryKind, Files, Http, UploadArtifact, World } from '../../src/ports.ts'

/** Content by absolute path. Tests may change it while a run goes on; what is written appears in it. */
export type FakeTree = Record<string, string | Uint8Array>

export interface FakeOptions {
  readonly tree: FakeTree
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly now?: number
  readonly cancelled?: AbortSignal
  /** Without it GitHub's API has no attestations of anything, and nothing else can be asked. */
  readonly http?: Http
  readonly uploadArtifact?: UploadArtifact
}

export interface FakeWorld {
  readonly world: World
  /** How often each file was opened, by path. */
  readonly opened: ReadonlyMap<string, number>
  /** Addresses that were asked, in order. */
  readonly requests: readonly string[]
  /** As last written. */
  readonly outputs: Record<string, string>
}

const noAttestations: Http = async ({ url }) => {
  if (url.host === 'api.github.com' && url.pathname.includes('/attestations/')) {
    return { status: 404, headers: {}, body: new Uint8Array() }
  }
  throw new ActionError('INTERNAL', 'a request')
}

/** A Linux job in memory, its workspace in `/w` and its RUNNER_TEMP in `/t`. */
export function fakeWorld({
  tree,
  inputs = {},
  env = {},
  now = 0,
  cancelled,
  http = noAttestations,
  uploadArtifact,
}: FakeOptions): FakeWorld {
  const opened = new Map<string, number>()
  const outputs: Record<string, string> = {}
  const requests: string[] = []
  const variables: Readonly<Record<string, string>> = { GITHUB_WORKSPACE: '/w', RUNNER_TEMP: '/t', ...env }
  const silent = (): void => undefined
  const world: World = {
    assertSafe: silent,
    connect: () => (request) => {
      requests.push(request.url.href)
      return http(request)
    },
    files: fakeFiles(tree, opened),
    uploadArtifact: uploadArtifact ?? (() => Promise.reject(new ActionError('INTERNAL', 'an upload'))),
    clock: { now: () => now, monotonic: () => 0, sleep: async () => undefined },
    runner: {
      platform: 'linux',
      inputs: new Map(Object.entries(inputs)),
      env: (name) => variables[name],
      mask: silent,
      info: silent,
      notice: silent,
      warning: silent,
      error: silent,
      debug: silent,
      setOutputs: async (given) => void Object.assign(outputs, given),
      addSummary: async () => undefined,
    },
    digestElsewhere: digestHere,
    random: (bytes) => new Uint8Array(bytes),
    cancelled: cancelled ?? new AbortController().signal,
    version: '0.0.0',
  }
  return { world, opened, outputs, requests }
}

/** As if on another thread. */
export function digestHere(): DigestElsewhere {
  const { update, finish } = startDigest('sha256')
  return { update: async (chunk) => update(chunk), finish: async () => finish() }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

function fakeFiles(tree: FakeTree, opened: Map<string, number>): Files {
  let folders = 0
  const bytesOf = (path: string): Uint8Array => {
    const content = tree[path]
    if (content === undefined) throw new ActionError('FILE_READ', `"${path}" does not exist`)
    return typeof content === 'string' ? Buffer.from(content) : content
  }
  const kindOf = (path: string): EntryKind | undefined => {
    if (tree[path] !== undefined) return 'file'
    const isFolder =
      ['/w', '/t'].includes(path) || Object.keys(tree).some((one) => one.startsWith(`${path}/`))
    return isFolder ? 'directory' : undefined
  }
  const list = (directory: string): readonly string[] => {
    const below = Object.keys(tree).filter((path) => path.startsWith(`${directory}/`))
    return [...new Set(below.map((path) => path.slice(directory.length + 1).split('/')[0] ?? ''))]
  }
  const count = (path: string): void => void opened.set(path, (opened.get(path) ?? 0) + 1)
  return {
    list: async (directory) =>
      list(directory).map((name) => ({ name, kind: kindOf(`${directory}/${name}`) ?? 'other' })),
    kind: async (path) => kindOf(path),
    resolve: async (path) => {
      if (kindOf(path) !== undefined || kindOf(parentOf(path)) !== undefined) return path
      throw new ActionError('FILE_SYMLINK', `"${path}" leads nowhere`)
    },
    open: async (path) => {
      const bytes = bytesOf(path)
      count(path)
      return {
        size: bytes.length,
        chunks: async function* () {
          if (bytes.length > 0) yield bytes
        },
        close: async () => undefined,
      }
    },
    read: async (path) => bytesOf(path),
    write: async (path, _, bytes) => {
      tree[path] = bytes
    },
    create: async (path) => {
      if (tree[path] !== undefined) throw new ActionError('OUTPUT_WRITE', `"${path}" is there already`)
      tree[path] = ''
      return {
        write: async (chunk) => {
          tree[path] = Buffer.concat([bytesOf(path), chunk])
        },
        close: async () => undefined,
      }
    },
    move: async (from, to) => {
      if (tree[to] !== undefined) throw new ActionError('OUTPUT_WRITE', `"${to}" is there already`)
      tree[to] = bytesOf(from)
      delete tree[from]
    },
    remove: async (path) => {
      bytesOf(path)
      delete tree[path]
    },
    makePrivateFolder: async (parent, prefix) => `${parent}/${prefix}${++folders}`,
  }
}
