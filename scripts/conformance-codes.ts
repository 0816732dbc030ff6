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
  'checkpoint-wrong-roothash_fail': ['TLOG_PROOF', 'TLOG_CHECKPOINT'],
  'dsse-invalid-sig_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'dsse-mismatch-envelope_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'incorrect-public-key_fail': ['TLOG_MISMATCH'],
  'integrated-time-in-future_fail': ['CERT_VALIDITY', 'TLOG_TIME'],
  'intoto-expired-certificate_fail': ['CERT_VALIDITY'],
  'intoto-missing-inclusion-proof_fail': ['TLOG_PROOF_MISSING'],
  'intoto-set-outside-signing-cert-validity_fail': ['CERT_VALIDITY'],
  'invalid-checkpoint-signature_fail': ['TLOG_CHECKPOINT'],
  'invalid-inclusion-proof_fail': ['TLOG_PROOF', 'TLOG_CHECKPOINT'],
  'managed-key-no-key_fail': ['BUNDLE_KEY'],
  'message-digest-mismatch_fail': ['SIG_DIGEST'],
  'rekor2-checkpoint-missing-log-signature_fail': ['TLOG_CHECKPOINT'],
  'rekor2-checkpoint-missing-origin_fail': ['TLOG_CHECKPOINT'],
  'rekor2-checkpoint-missing-root-hash_fail': ['TLOG_CHECKPOINT'],
  'rekor2-checkpoint-no-matching-signature_fail': ['TLOG_CHECKPOINT'],
  'rekor2-dsse-invalid-sig_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'rekor2-dsse-mismatch-sig_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'rekor2-no-inclusion-proof_fail': ['TLOG_PROOF_MISSING'],
  'rekor2-no-timestamp_fail': ['TIME_MISSING'],
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail': ['TSA_TIME'],
  'rekor2-timestamp-outside-tsa-cert-validity_fail': ['TSA_TIME'],
  'rekor2-timestamp-payload-mismatch_fail': ['TSA_IMPRINT'],
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': ['TSA_SIGNER'],
  'signature-mismatch_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'wrong-hashedrekord-artifact_fail': ['TLOG_MISMATCH'],
  'wrong-hashedrekord-entry_fail': ['TLOG_MISMATCH'],
  'go-v02-no-promise_fail': ['TIME_MISSING'],
  'java-staging-rekor2-dsse002_fail': ['TLOG_KIND'],
  'java-v03-no-proof_fail': ['TLOG_PROOF_MISSING'],
  'java-wrong-log-entry_fail': ['TLOG_MISMATCH'],
  'js-v01-payload-is-no-statement_fail': ['STATEMENT_PARSE'],
  'npm-publish-attestation-wrong-key_fail': ['TLOG_MISMATCH', 'SIG_INVALID'],
  'openvex-without-type_fail': ['STATEMENT_PARSE'],
  'python-staging-33-timestamps_fail': ['BUNDLE_TIMESTAMPS'],
  'python-staging-unknown-tsa-two-tokens': ['TSA_SIGNER'],
  'python-staging-v02-no-checkpoint_fail': ['TLOG_CHECKPOINT'],
  'python-v03-no-signed-time_fail': ['TIME_MISSING'],
  'python-wrong-mediatype_fail': ['BUNDLE_VERSION'],
  'rust-kindversion-lie_fail': ['TLOG_KIND'],
  'slsa-empty-predicate-type': ['STATEMENT_PARSE'],
  'slsa-invalid-promise_fail': ['TLOG_PROMISE', 'BUNDLE_BASE64'],
  'slsa-mismatched-entry_fail': ['TLOG_MISMATCH'],
  'tejolote-upper-case-algorithm_fail': ['SUBJECT_MISMATCH', 'STATEMENT_SUBJECTS'],
}

/** Names made by asking for the wrong thing of a good bundle. */
const ASKED_WRONGLY: Readonly<Record<string, readonly ErrorCode[]>> = {
  '--wrong-artifact_fail': ['SIG_DIGEST', 'SUBJECT_MISMATCH'],
  '--wrong-identity_fail': ['IDENTITY_MISMATCH'],
  '--wrong-issuer_fail': ['IDENTITY_MISMATCH'],
}

const OF_THE_BUNDLE = /^(?:BUNDLE|CERT|SCT|TLOG|TSA|TIME|SIG|STATEMENT|SUBJECT|IDENTITY)_/

const general = (Object.keys(HINTS) as ErrorCode[]).filter((code) => OF_THE_BUNDLE.test(code))

export function expectedCodes(name: string): readonly string[] {
  const suffix = Object.keys(ASKED_WRONGLY).find((one) => name.endsWith(one))
  return KNOWN[name] ?? (suffix === undefined ? undefined : ASKED_WRONGLY[suffix]) ?? general
}
