import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFiles, type KeyFiles } from './authority.ts'
import { MissingTool, type Tools } from './build.ts'
import { fulcioConfiguration } from './fulcio-config.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { freePorts, isFree } from './ports.ts'
import { type Processes, type Running, superviseProcesses } from './processes.ts'

/** The real servers, and where they are. Disposal stops all of them. */
export interface Stack extends AsyncDisposable {
  /** Of this run; it stays, for the logs in it. */
  readonly folder: string
  readonly keys: KeyFiles
  readonly urls: StackUrls
  readonly issuer: TestIssuer
  readonly stop: (name: ServerName) => Promise<void>
  /** Starts one again that keeps its keys and what it holds, with further options. */
  readonly start: (name: Restartable, ...options: readonly string[]) => Promise<void>
  readonly pause: (name: ServerName) => void
  readonly resume: (name: ServerName) => void
  readonly logs: () => string
  /** Milliseconds from the first start to the last one ready. */
  readonly startedIn: number
}

export type ServerName = 'tsa' | 'ctlog' | 'fulcio' | 'trillian' | 'rekor-v1' | 'rekor-v2'
export type Restartable = 'fulcio' | 'rekor-v2'

/** Base URLs; of the timestamp authority the full one. */
export interface StackUrls {
  readonly fulcio: string
  readonly ctlog: string
  readonly rekorV1: string
  readonly rekorV2: string
  readonly tsa: string
  readonly tsaChain: string
}

/** The timestamp authority serves its metrics here and has no option for it; so does Rekor v1, which does without. */
const METRICS = 2112
const HOST = '127.0.0.1'

const PORTS = [
  'tsa',
  'ctlog',
  'fulcio',
  'fulcioGrpc',
  'fulcioMetrics',
  'v2',
  'v2Grpc',
  'v2Metrics',
  'v1',
] as const
type Ports = Readonly<Record<(typeof PORTS)[number], number>>

interface Parts {
  readonly programs: Tools['programs']
  readonly folder: string
  readonly keys: KeyFiles
  readonly ports: Ports
  readonly processes: Processes
  readonly issuer: TestIssuer
}

/** Starts all of them at once. Whatever was started is stopped again if one of them does not get ready. */
export async function startStack(programs: Tools['programs']): Promise<Stack> {
  if (!(await isFree(METRICS))) {
    throw new MissingTool(
      `Port ${METRICS} is taken, and the timestamp authority needs it. Is this command running twice?`,
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyless-e2e-'))
  const processes = superviseProcesses(folder)
  const issuer = await startIssuer()
  try {
    const ports = await namePorts()
    const keys = createKeyFiles(folder)
    const began = Date.now()
    const parts = { programs, folder, keys, ports, processes, issuer }
    const servers = await startServers(parts)
    return stackOf(parts, servers, Date.now() - began)
  } catch (error) {
    await processes[Symbol.asyncDispose]()
    await issuer.close()
    throw error
  }
}

function stackOf(parts: Parts, servers: readonly Running[], startedIn: number): Stack {
  const { folder, keys, ports, processes, issuer } = parts
  const running = new Map(servers.map((server) => [server.name, server]))
  return {
    folder,
    keys,
    urls: urlsOf(ports),
    issuer,
    startedIn,
    stop: async (name) => running.get(name)?.stop(),
    start: async (name, ...options) => {
      await running.get(name)?.stop()
      running.set(name, await STARTERS[name](parts, options))
    },
    pause: (name) => running.get(name)?.pause(),
    resume: (name) => running.get(name)?.resume(),
    logs: processes.logs,
    [Symbol.asyncDispose]: async () => {
      await processes[Symbol.asyncDispose]()
      await issuer.close()
    },
  }
}

async function namePorts(): Promise<Ports> {
  const ports = await freePorts(PORTS.length)
  return Object.fromEntries(PORTS.map((name, i) => [name, ports[i]])) as Ports
}

/** `localhost` and not an address: a log's name in its checkpoints is the host of its URL. */
const urlsOf = (ports: Ports): StackUrls => ({
  fulcio: `http://localhost:${ports.fulcio}`,
  ctlog: `http://localhost:${ports.ctlog}`,
  rekorV1: `http://localhost:${ports.v1}`,
  rekorV2: `http://localhost:${ports.v2}`,
  tsa: `http://localhost:${ports.tsa}/api/v1/timestamp`,
  tsaChain: `http://${HOST}:${ports.tsa}/api/v1/timestamp/certchain`,
})

/** The timestamp authority goes first, for the sake of its metrics port; the others do not wait for it to be ready. */
async function startServers(parts: Parts): Promise<readonly Running[]> {
  const servers = [
    startTsa(parts),
    startCtLog(parts),
    startFulcio(parts),
    startRekorV2(parts),
    startRekorV1(parts),
  ]
  return (await Promise.all(servers)).flat()
}

const startTsa = ({ programs, ports, processes }: Parts): Promise<Running> =>
  processes.start({
    name: 'tsa',
    file: programs.tsa,
    args: [
      'serve',
      `--host=${HOST}`,
      `--port=${ports.tsa}`,
      '--timestamp-signer=memory',
      '--disable-ntp-monitoring',
    ],
    ready: `http://${HOST}:${ports.tsa}/ping`,
  })

const startCtLog = ({ programs, folder, keys, ports, processes }: Parts): Promise<Running> =>
  processes.start({
    name: 'ctlog',
    file: programs.ctlog,
    args: [
      `-address=${HOST}:${ports.ctlog}`,
      `-folder=${makeFolder(folder, 'ct')}`,
      '-origin=localhost',
      `-key=${keys.ctKey}`,
      `-roots=${keys.caRoot}`,
    ],
    ready: /^listening on (\S+)$/m,
  })

function startFulcio(
  { programs, folder, keys, ports, processes, issuer }: Parts,
  more: readonly string[] = [],
): Promise<Running> {
  const configuration = join(folder, 'fulcio.json')
  const socket = join(folder, 'fulcio.sock')
  writeFileSync(configuration, JSON.stringify(fulcioConfiguration(issuer.url), null, 2))
  // It leaves the one of its last run, and cannot start over it.
  rmSync(socket, { force: true })
  return processes.start({
    name: 'fulcio',
    file: programs.fulcio,
    args: [
      'serve',
      `--config-path=${configuration}`,
      '--ca=fileca',
      `--fileca-cert=${keys.caChain}`,
      `--fileca-key=${keys.caKey}`,
      '--fileca-key-passwd=unused',
      '--fileca-watch=false',
      `--host=${HOST}`,
      `--port=${ports.fulcio}`,
      `--grpc-host=${HOST}`,
      `--grpc-port=${ports.fulcioGrpc}`,
      `--metrics-port=${ports.fulcioMetrics}`,
      `--legacy-unix-domain-socket=${socket}`,
      `--ct-log-url=${urlsOf(ports).ctlog}`,
      ...more,
    ],
    ready: `http://${HOST}:${ports.fulcio}/healthz`,
  })
}

const startRekorV2 = (
  { programs, folder, keys, ports, processes }: Parts,
  more: readonly string[] = [],
): Promise<Running> =>
  processes.start({
    name: 'rekor-v2',
    file: programs['rekor-v2'],
    args: [
      'serve',
      `--http-address=${HOST}`,
      `--http-port=${ports.v2}`,
      `--grpc-address=${HOST}`,
      `--grpc-port=${ports.v2Grpc}`,
      `--http-metrics-port=${ports.v2Metrics}`,
      '--hostname=localhost',
      `--storage-dir=${makeFolder(folder, 'rekor-v2')}`,
      `--signer-filepath=${keys.rekorV2Key}`,
      '--checkpoint-interval=100ms',
      '--batch-max-age=20ms',
      ...more,
    ],
    ready: `http://${HOST}:${ports.v2}/healthz`,
  })

async function startRekorV1({ programs, keys, ports, processes }: Parts): Promise<readonly Running[]> {
  const trillian = await processes.start({
    name: 'trillian',
    file: programs['trillian-memory'],
    args: [],
    ready: /^\S+:([0-9]+)$/m,
  })
  const rekor = await processes.start({
    name: 'rekor-v1',
    file: programs['rekor-v1'],
    args: [
      'serve',
      '--trillian_log_server.address=localhost',
      `--trillian_log_server.port=${trillian.announced}`,
      `--rekor_server.address=${HOST}`,
      `--port=${ports.v1}`,
      '--rekor_server.hostname=localhost',
      `--rekor_server.signer=${keys.rekorV1Key}`,
      // The other kind writes a line for each thing that it does.
      '--log_type=prod',
      // Both are needed to do without Redis.
      '--enable_retrieve_api=false',
      '--enabled_api_endpoints=getLogInfo,getPublicKey,getLogProof,createLogEntry,getLogEntryByIndex,getLogEntryByUUID,searchLogQuery',
    ],
    ready: `http://${HOST}:${ports.v1}/ping`,
  })
  return [trillian, rekor]
}

const STARTERS = { fulcio: startFulcio, 'rekor-v2': startRekorV2 } as const

/** Makes it unless it is there. */
function makeFolder(parent: string, name: string): string {
  const folder = join(parent, name)
  mkdirSync(folder, { recursive: true })
  return folder
}
