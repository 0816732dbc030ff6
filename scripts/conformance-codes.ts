import { type ErrorCode, HINTS } from '../src/errors.ts'

/**
 * Which codes are right for a case that must be refused. A known name has its own set; for any other a refusal counts
 * only if the bundle was the reason, not the setup.
 */
const KNOWN: Readonly<Record<string, readonly ErrorCode[]>> = {
  'bundle-empty-certificate-chain_fail': ['BUNDLE_CHAIN'],
  'bundle-invalid-base64-signature_fail': ['BUNDLE_BASE64'],
  'bundle-malformed-json_fail': ['BUNDLE_PARSE'],
  'bundle-unknown-version_fail': ['BUNDLE_VERSION'],
}

const OF_THE_BUNDLE = /^(?:BUNDLE|CERT|SCT|TLOG|TSA|TIME|SIG|STATEMENT|SUBJECT|IDENTITY)_/

const general = (Object.keys(HINTS) as ErrorCode[]).filter((code) => OF_THE_BUNDLE.test(code))

export const expectedCodes = (name: string): readonly string[] => KNOWN[name] ?? general
