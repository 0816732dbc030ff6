import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listen, type WebServer } from '../sandbox/web.ts'

/** The files of a log, as the storage that answers its readers in production (C2SP tlog-tiles, for the types). */
export const serveFolder = (folder: string): Promise<WebServer> =>
  listen((request, response) => {
    const path = new URL(request.url ?? '/', 'http://loopback.invalid').pathname
    const type = path.endsWith('/checkpoint') ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    readFile(join(folder, path))
      .then((bytes) => response.writeHead(200, { 'content-type': type }).end(bytes))
      .catch(() => response.writeHead(404).end())
  })
