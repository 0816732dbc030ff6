import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { downloadArtifact, input } from './protocol.ts'

const folder = input('path')
mkdirSync(folder, { recursive: true })
execFileSync('tar', ['-xf', '-', '-C', folder], { input: await downloadArtifact(input('name')) })
