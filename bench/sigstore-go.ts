import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TrustedRootJson } from '../sandbox/trust-files.ts'

/** What some verifications took, milliseconds each. */
export interface Cost {
  /** As a clock on the wall shows it. */
  readonly wall: number
  /** User CPU time of the whole process, garbage collectors and compilers included. */
  readonly cpu: number
}

export interface Sample {
  readonly bundle: Uint8Array
  readonly artifact: Uint8Array
}

/** sigstore-go's verifier in one warm process of its own, on one processor. */
export interface SigstoreGo {
  /** Verifies the samples from `from` to before `to`. Throws on a refusal. */
  readonly verify: (from: number, to: number) => Promise<Cost>
  readonly close: () => Promise<void>
}

export interface SigstoreGoOptions {
  readonly program: string
  readonly trustedRoot: TrustedRootJson
  readonly samples: readonly Sample[]
  readonly identity: { readonly name: string; readonly issuer: string }
}

/** Resolves when it has read all samples and waits. */
export async function startSigstoreGo(options: SigstoreGoOptions): Promise<SigstoreGo> {
  const folder = await mkdtemp(join(tmpdir(), 'keyless-bench-'))
  const { program, samples, identity } = options
  await writeSamples(folder, options)
  const args = ['-root', join(folder, 'root'), '-folder', folder, '-count', String(samples.length)]
  const child = spawn(program, [...args, '-san', identity.name, '-issuer', identity.issuer], {
    env: { GOMAXPROCS: '1', HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let trouble = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text
  })
  const ended = new Promise<void>((done) => void child.once('close', () => done()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done !== true) return value
    await ended
    throw new Error(`sigstore-go refuses or fails: ${trouble.trim()}`)
  }
  const close = async (): Promise<void> => {
    child.stdin.end()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  await nextLine().catch(async (error: unknown) => {
    await close()
    throw error
  })
  const verify = async (from: number, to: number): Promise<Cost> => {
    child.stdin.write(`${from} ${to}\n`)
    const [wall = 0, cpu = 0] = (await nextLine()).split(' ').map(Number)
    return { wall: wall / 1e6 / (to - from), cpu: cpu / 1e6 / (to - from) }
  }
  return { verify, close }
}

async function writeSamples(folder: string, { trustedRoot, samples }: SigstoreGoOptions): Promise<void> {
  await writeFile(join(folder, 'root'), JSON.stringify(trustedRoot))
  for (const [i, { bundle, artifact }] of samples.entries()) {
    await writeFile(join(folder, `${i}.json`), bundle)
    await writeFile(join(folder, `${i}.bin`), artifact)
  }
}
