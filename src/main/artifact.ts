import { serveUpload } from '../host/artifact-client.ts'

serveUpload()
