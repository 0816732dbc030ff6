import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'

export async function withSandbox(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox()
  try {
    await use(sandbox)
  } finally {
    await sandbox.close()
  }
}
