import { X509Certificate } from 'node:crypto'
import { ActionError } from '../errors.ts'

/** Refuses an environment in which Node would accept any server as the right one. NET_INSECURE. */
export function checkTlsEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return
  throw new ActionError(
    'NET_INSECURE',
    'NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of every server certificate',
    { hint: 'Remove NODE_TLS_REJECT_UNAUTHORIZED. For a private CA give its file with `ca-certificates`.' },
  )
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g

/**
 * The certificates of a CA file, each as PEM text (RFC 7468). What stands between them is ignored, as in every such file.
 * NET_TLS if there is none or one is malformed: the TLS library would leave it out without a word.
 */
export function parseCaCertificates(pem: string): readonly string[] {
  const found = pem.match(PEM_CERTIFICATE) ?? []
  const begun = pem.split('-----BEGIN ').length - 1
  if (found.length === 0 || found.length !== begun) throw malformed('holds something else than certificates')
  for (const certificate of found) {
    try {
      new X509Certificate(certificate)
    } catch (cause) {
      throw malformed('holds a malformed certificate', cause)
    }
  }
  return found
}

const malformed = (why: string, cause?: unknown): ActionError =>
  new ActionError('NET_TLS', `The file of \`ca-certificates\` ${why}`, {
    cause,
    hint: 'Give a file with the CA certificates as PEM text and nothing else, no keys.',
  })
