import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { DefaultArtifactClient } from '@actions/artifact'
import type { ListedArtifact } from '../ports.ts'
import { isFinalizing } from './artifact-voice.ts'

/** What the thread is started with. Its environment, which the client reads, is made for it alone. */
export interface UploadTask {
  readonly name: string
  readonly folder: string
  readonly files: readonly string[]
  readonly retentionDays?: number
  readonly caCertificates: readonly string[]
}

/** What comes back beside what the client says. */
export type UploadNews =
  | { readonly uploaded: { readonly id: string; readonly size: number; readonly digest: string } }
  | { readonly listed: readonly ListedArtifact[] }
  | { readonly failure: string }
  | { readonly begun: true }
  | { readonly ended: true }

const tell = (news: UploadNews): void => parentPort?.postMessage(news)

/**
 * The whole of a thread that uploads one artifact with the toolkit's client and then asks what the run holds under its
 * name. It has a thread of its own because the client reads the environment, sleeps without an end to it, throws out of
 * event handlers, and never settles when a connection is cut: all that ends with the thread.
 */
export function serveUpload(): void {
  const task: UploadTask = workerData
  if (task.caCertificates.length > 0) {
    setDefaultCACertificates([...getCACertificates('default'), ...task.caCertificates])
  }
  tell({ begun: true })
  void upload(task)
}

async function upload(task: UploadTask): Promise<void> {
  const client = new DefaultArtifactClient()
  const { retentionDays } = task
  try {
    const { id, size, digest } = await client.uploadArtifact(task.name, [...task.files], task.folder, {
      ...(retentionDays !== undefined && { retentionDays }),
    })
    tell({ uploaded: { id: String(id), size: size ?? 0, digest: digest ?? '' } })
  } catch (error) {
    tell({ failure: messageOf(error) })
  }
  if (isFinalizing()) await list(client, task.name)
  tell({ ended: true })
}

async function list(client: DefaultArtifactClient, name: string): Promise<void> {
  try {
    const { artifacts } = await client.listArtifacts()
    const listed = artifacts
      .filter((one) => one.name === name)
      .map((one) => ({
        name: one.name,
        id: String(one.id),
        size: one.size,
        ...(one.digest !== undefined && { digest: one.digest }),
      }))
    tell({ listed })
  } catch (error) {
    tell({ failure: messageOf(error) })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'an unknown failure')
