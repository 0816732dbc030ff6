/** The outside world as types. Only `host/` implements them; tests hand in their own. No code here. */

export type ServiceName =
  | 'identity token'
  | 'Fulcio'
  | 'Rekor'
  | 'timestamp authority'
  | 'GitHub API'
  | 'GitHub uploads'
  | 'GitHub storage'

/** A body that is never held whole. */
export interface HttpBody {
  /** Bytes: the `Content-Length`. */
  readonly size: number
  /** Called once for each attempt; each begins at the first byte. */
  readonly chunks: () => AsyncIterable<Uint8Array>
}

/** One request. No retries, no redirects: those are decisions, and `http` makes none. */
export interface HttpRequest {
  readonly service: ServiceName
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | HttpBody
  /**
   * Takes the body of a 2xx answer chunk by chunk instead of `HttpResponse.body`, which is empty then. Called once for
   * each such answer: whatever an earlier attempt delivered is void.
   */
  readonly receive?: () => (chunk: Uint8Array) => Promise<void>
  /** The answer to a first attempt decides, whatever it is: for requests that must not be sent twice unseen. */
  readonly once?: boolean
  /** A redirect is an answer like any other; without this it is refused. Nothing ever follows one by itself. */
  readonly mayRedirect?: boolean
  /** Milliseconds for the whole exchange, the last byte of the answer included. */
  readonly timeout: number
  /** `timeout` is for each 64 KiB that move, either way: for bodies of any size. */
  readonly timeoutIsIdle?: boolean
  /** Bytes; a longer answer is NET_TOO_LARGE. */
  readonly maxBytes: number
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Resolves with any complete answer, whatever its status (a 3xx included). Rejects with ActionError
 * NET_UNREACHABLE, NET_TIMEOUT, NET_TLS, NET_TOO_LARGE, NET_BAD_RESPONSE (cut or encoded body), NET_PROXY or NET_INSECURE.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>

export interface Clock {
  /** Milliseconds since 1970, by the local clock. */
  readonly now: () => number
  /** Milliseconds from an arbitrary start, never going back. */
  readonly monotonic: () => number
  /** Rejects with CANCELLED when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

export type EntryKind = 'file' | 'directory' | 'link' | 'other'

export interface DirectoryEntry {
  readonly name: string
  readonly kind: EntryKind
}

/** A regular file, opened once. Reading it ends in FILE_CHANGED if it is not the same before and after. */
export interface OpenFile {
  readonly size: number
  /** Can be read once. The chunk is only valid until the next one is asked for. Those of large files can be shared by threads. */
  readonly chunks: () => AsyncIterable<Uint8Array>
  readonly close: () => Promise<void>
}

/** A file that was not there before. OUTPUT_WRITE. */
export interface NewFile {
  readonly write: (chunk: Uint8Array) => Promise<void>
  /** To be called whatever happens. What is there then is as complete as what was written. */
  readonly close: () => Promise<void>
}

/** Paths are absolute and in the platform's own form. `roots` are the folders that nothing may leave, through links either. */
export interface Files {
  /** What the directory holds, in no order. FILE_NAME for names that are not UTF-8, FILE_READ if it cannot be read. */
  readonly list: (directory: string) => Promise<readonly DirectoryEntry[]>
  /** The kind of what is at the path, links not followed; undefined if nothing is there. */
  readonly kind: (path: string) => Promise<EntryKind | undefined>
  /** The real path with every link resolved. FILE_SYMLINK if it dangles or loops. */
  readonly resolve: (path: string) => Promise<string>
  /** FILE_READ, FILE_NOT_REGULAR (never hangs on a FIFO), FILE_OUTSIDE. */
  readonly open: (path: string, roots: readonly string[]) => Promise<OpenFile>
  /** The whole file, at most `maxBytes` (else FILE_TOO_LARGE). */
  readonly read: (path: string, roots: readonly string[], maxBytes: number) => Promise<Uint8Array>
  /** Atomically: a temporary file beside it, flushed, then renamed. Creates missing folders. OUTPUT_WRITE, FILE_OUTSIDE. */
  readonly write: (path: string, roots: readonly string[], bytes: Uint8Array) => Promise<void>
  /** Never replaces anything. Creates missing folders. OUTPUT_WRITE, FILE_OUTSIDE. */
  readonly create: (path: string, roots: readonly string[]) => Promise<NewFile>
  /** Never replaces anything, and leaves nothing behind. Creates missing folders. OUTPUT_WRITE, FILE_OUTSIDE. */
  readonly move: (from: string, to: string, roots: readonly string[]) => Promise<void>
  /** A file that this run made. OUTPUT_WRITE, FILE_OUTSIDE. */
  readonly remove: (path: string, roots: readonly string[]) => Promise<void>
  /** A new private folder (0700) below the given one. */
  readonly makePrivateFolder: (parent: string, prefix: string) => Promise<string>
}

/** The runner that started us. Every line is made harmless before it is printed. */
export interface Runner {
  readonly platform: 'linux' | 'darwin' | 'win32'
  /** All `INPUT_*` variables as the runner set them: name without the prefix, lower case; an empty one is there with ''. */
  readonly inputs: ReadonlyMap<string, string>
  /** An environment variable; undefined if unset or empty. */
  readonly env: (name: string) => string | undefined
  /** Hide the text in everything that is printed from now on. */
  readonly mask: (secret: string) => void
  readonly info: (line: string) => void
  readonly notice: (message: string) => void
  readonly warning: (message: string) => void
  readonly error: (message: string, title?: string) => void
  readonly debug: (line: string) => void
  /** Written to the file of GITHUB_OUTPUT in one piece. OUTPUT_WRITE. */
  readonly setOutputs: (outputs: Readonly<Record<string, string>>) => Promise<void>
  /** Appends Markdown to GITHUB_STEP_SUMMARY, if there is one. */
  readonly addSummary: (markdown: string) => Promise<void>
}

/** A folder that becomes one workflow artifact. */
export interface ArtifactOrder {
  readonly name: string
  /** Absolute. Each file stands in the archive under its path below the folder. */
  readonly folder: string
  readonly files: readonly string[]
  /** Days. The service's own rule without it. */
  readonly retentionDays?: number
  /** Origin of ACTIONS_RESULTS_URL. */
  readonly service: URL
  /** ACTIONS_RUNTIME_TOKEN */
  readonly token: string
  /** GITHUB_SERVER_URL */
  readonly server: string
  readonly caCertificates?: string
  /** Milliseconds without any progress, after which it is given up. */
  readonly patience: number
  /** Told of each secret before anything is said that could hold it. */
  readonly onSecret: (secret: string) => void
  /** What the client has to say: foreign text. */
  readonly onLine: (line: string) => void
}

/** An artifact of this run as the service lists it. */
export interface ListedArtifact {
  readonly name: string
  readonly id: string
  readonly size: number
  /** `sha256:` and hexadecimal digits; servers of one's own may not tell it. */
  readonly digest?: string
}

/** How far an upload had come: asked for a place, sent its bytes there, asked for it to be closed, or all of it. */
export type ArtifactStage = 'create' | 'send' | 'finalize' | 'done'

export interface ArtifactResult {
  readonly stage: ArtifactStage
  /** Some request had to be sent again, so that an earlier one may have had its effect unseen. */
  readonly repeated: boolean
  /** Of the archive: 64 hexadecimal digits, as soon as all of it was sent. */
  readonly digest?: string
  readonly size?: number
  /** At `done`. */
  readonly id?: string
  /** All artifacts of the run under this name, asked for at `finalize` and `done`; absent if that failed. */
  readonly listed?: readonly ListedArtifact[]
  /** Why it did not come to `done`, or was not listed. Foreign text. */
  readonly failure?: string
}

/** Resolves with whatever became of it. CANCELLED. */
export type UploadArtifact = (order: ArtifactOrder) => Promise<ArtifactResult>

export interface HttpOptions {
  /** PEM text of certificate authorities to be trusted besides the usual ones. */
  readonly caCertificates?: string
  /** Plain http to loopback is allowed; to anything else it never is. */
  readonly allowLoopbackHttp: boolean
}

/** SHA-256 on another thread. Whoever gives a chunk leaves it alone until the promise resolves. INTERNAL if the thread dies. */
export interface DigestElsewhere {
  readonly update: (chunk: Uint8Array) => Promise<void>
  readonly finish: () => Promise<Uint8Array>
}

export interface World {
  /** NET_INSECURE in an environment that switches off the check of server certificates. */
  readonly assertSafe: () => void
  /** The one HTTP client of a run. */
  readonly connect: (options: HttpOptions) => Http
  readonly files: Files
  readonly uploadArtifact: UploadArtifact
  readonly clock: Clock
  readonly runner: Runner
  readonly digestElsewhere: () => DigestElsewhere
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array
  /** Aborted by SIGINT and SIGTERM. */
  readonly cancelled: AbortSignal
  /** Our own version, as in package.json. */
  readonly version: string
}
