/**
 * The one class of foreseen failure, with a closed list of codes and a hint for each.
 * A code without a hint does not exist. `docs/errors.md` is generated from this table.
 */
export const HINTS = {
  // what the user asked for
  INPUT_REQUIRED: 'Give the input that the message names.',
  INPUT_VALUE: 'Use one of the values that the message lists.',
  INPUT_UNKNOWN: 'Check the spelling of the input under `with:`.',
  INPUT_CONFLICT: 'Remove one of the inputs that the message names.',
  INPUT_GLOB: 'Correct the pattern; `*`, `**`, `?`, `[a-z]` and a leading `!` are known.',
  INPUT_NO_MATCH:
    'Check that the files were built or downloaded before this step and that paths are relative to the workspace. Only signing can go on without them: `if-no-files-found`.',
  INPUT_TOO_MANY: 'Narrow the patterns, or sign in several steps.',
  INPUT_DIGEST:
    'Write a digest as `sha256:` and 64 lower-case hexadecimal digits; verifying also takes `sha384:` and `sha512:`.',
  INPUT_CHECKSUMS: 'Write the file as `sha256sum` does: one digest, two characters and a name a line.',
  INPUT_ARTIFACTS:
    'The list of artifacts that the runner keeps for the job cannot be used. Name the subjects with `subject-path`.',
  PREDICATE_INVALID: 'A predicate is one JSON object of at most 16 MiB, with no member twice.',
  SBOM_UNKNOWN:
    'Give an SBOM as JSON: SPDX 2 with `spdxVersion` and `SPDXID`, or CycloneDX with `bomFormat`, `serialNumber` and `specVersion`.',

  // files
  FILE_NOT_REGULAR: 'Name a regular file. For the files of a directory use `dir/**`.',
  FILE_OUTSIDE: 'Subjects and bundles lie in the workspace or in RUNNER_TEMP; copy the file there.',
  FILE_SYMLINK: 'Remove the link, or make it point to a file inside the workspace.',
  FILE_NAME: 'Rename the file: its name cannot be shown or written safely.',
  FILE_IS_BUNDLE: 'Name the artifact, not its Sigstore bundle.',
  FILE_READ: 'Check that the file still exists and that this user may read it.',
  FILE_CHANGED: 'Something else writes to the file. Let the build end before this step.',
  FILE_DIGEST_MISMATCH: 'The file is not the one that the checksums name. Build again, or correct the list.',
  FILE_LOOKS_SIGNED:
    'The file begins like a signed attestation (`DSSEv1 `), whose signature would double as this one. Pack it into an archive.',
  FILE_TOO_LARGE: 'The file is larger than this step accepts.',
  OUTPUT_PATH: 'Choose another `bundle-path`: `dir/`, a file ending in `.json`, or one ending in `.jsonl`.',
  OUTPUT_EXISTS: 'Set `existing-bundles: replace` to sign again, or remove the bundle that is there.',
  OUTPUT_WRITE: 'Check free space and permissions of the place that the message names.',

  // the job
  ENVIRONMENT: 'Run this as a step of a GitHub Actions job; the runner sets what is missing.',
  EVENT_UNSAFE:
    'This trigger runs with the identity of the default branch while strangers choose the content. Sign in a workflow on `push`, `release` or `workflow_dispatch`, or set `allow-unsafe-trigger: true` if no foreign content is built.',
  REPOSITORY_PRIVATE:
    'The name, ref and run of this repository would stand in a public log for ever. Set `allow-private-repository: true` if that is meant, or use a private Sigstore instance.',
  REF_UNEXPECTED: 'Run the workflow on the ref that is to be released, or correct `expected-ref`.',

  // identity token
  TOKEN_PERMISSION:
    'Add `permissions: id-token: write` to the job (and to the caller of a reusable workflow). Pull requests from forks and Dependabot never get it: use `dry-run: true` there.',
  TOKEN_ENDPOINT:
    'Only the runner may set the token endpoint. Find the step that changed the environment of this job.',
  TOKEN_REQUEST:
    'GitHub did not give an identity token. Run the job again; see https://www.githubstatus.com.',
  TOKEN_MALFORMED: 'The identity token is not a JSON Web Token. Check where `identity-token` comes from.',
  TOKEN_AUDIENCE: 'Ask for a token with the audience that Sigstore expects (`oidc-audience`).',
  TOKEN_EXPIRED: 'Ask for a fresh token right before this step, and check the clock of the runner.',
  TOKEN_NOT_YET: 'Check the clock of the runner.',
  TOKEN_ISSUER: "Sign with GitHub's own token, or use `sigstore: custom` for another issuer.",
  TOKEN_SUBJECT: 'The token has no usable subject; Fulcio needs `sub` or a verified `email`.',
  TOKEN_IDENTITY:
    'The token is not about this very run. Find the step that changed the environment of this job.',

  TOKEN_PROVENANCE:
    'Provenance is what GitHub says about a run. Sign with the token of the job, or state what you know with `attest: custom`.',

  // Fulcio and its certificate
  FULCIO_REFUSED:
    'Fulcio refused the request. Check issuer and audience of the token; see https://status.sigstore.dev.',
  FULCIO_RESPONSE:
    'Fulcio answered with something that is no certificate. Run the job again; see https://status.sigstore.dev.',
  CERT_PARSE: 'The certificate is malformed: the bundle is damaged or forged.',
  CERT_CHAIN:
    'The certificate was not issued under this trusted root. Is it from another Sigstore instance (`sigstore`, `trusted-root`)?',
  CERT_VALIDITY: 'The signature was not made while the certificate and its authorities were valid.',
  CERT_PROFILE: 'The certificate is not one that Fulcio issues for signing code.',
  CERT_KEY: 'The certificate is for another key, or for one that is not accepted.',
  CERT_IDENTITY: 'The certificate is for another identity than the token: nothing was signed with it.',
  SCT_MISSING:
    'The certificate is not in the certificate transparency log, so nobody could notice its misuse.',
  SCT_UNKNOWN_LOG: 'The certificate transparency log is not in the trusted root for that time.',
  SCT_INVALID: 'The promise of the certificate transparency log does not cover this certificate.',

  // transparency log
  TLOG_REFUSED: 'The transparency log refused the entry; see https://status.sigstore.dev.',
  TLOG_RESPONSE: 'The transparency log answered with something that is no entry. Run the job again.',
  TLOG_CONFLICT: 'The log holds this entry already but does not show it. Run the job again.',
  TLOG_FROZEN: 'This log takes no more entries. Use the newest signing config.',
  TLOG_MISSING: 'The signature was never logged: it cannot be accepted.',
  TLOG_DUPLICATE:
    'Two entries of one log, or two timestamps of one authority, count for nothing. The bundle is forged.',
  TLOG_MISMATCH: 'The log entry is about another signature, certificate or artifact.',
  TLOG_KIND: 'The log entry is of another kind or version than this content needs.',
  TLOG_BODY: 'The log entry is malformed.',
  TLOG_INDEX: 'The index of the log entry is malformed or outside the tree.',
  TLOG_UNKNOWN_LOG: 'The transparency log is not in the trusted root for that time.',
  TLOG_PROMISE: "The log's signed promise does not cover this entry.",
  TLOG_PROOF: 'The proof does not show that the entry is in the log.',
  TLOG_PROOF_MISSING: 'The bundle holds no proof that the entry is in the log.',
  TLOG_CHECKPOINT: "The log's signed tree head is malformed or not signed by the log.",
  TLOG_TIME: 'The time of the log entry is impossible.',

  // timestamps
  TSA_REFUSED: 'The timestamp authority refused; see https://status.sigstore.dev.',
  TSA_RESPONSE: 'The timestamp authority answered with something that is no timestamp. Run the job again.',
  TSA_PARSE: 'The timestamp is malformed.',
  TSA_NONCE: 'The timestamp is not the answer to our request.',
  TSA_IMPRINT: 'The timestamp is about another signature.',
  TSA_SIGNER: 'The timestamp is not signed by an authority of the trusted root.',
  TSA_TIME: 'The time of the timestamp is impossible.',
  TIME_MISSING: 'Nobody vouches for the time of the signature, so the ten-minute certificate proves nothing.',

  // trust
  TRUST_INVALID: 'The trusted root is malformed. Fetch it again from its source.',
  TRUST_NOT_VALID: 'The trusted root has no authority of that kind for that time.',
  TRUST_STALE: 'The trusted root that is shipped with this version is too old. Update the action.',
  CONFIG_INVALID: 'The signing config is malformed or names no service that can be used now.',
  CONFIG_NO_TIME: 'This log gives no time: the signing config must name a timestamp authority.',
  CONFIG_NO_LOG: 'Choose a `rekor-version` that the signing config offers.',

  // bundles
  BUNDLE_MISSING:
    'Nothing proves who made the file. Sign it, or give the place of its bundle with `bundle-path`.',
  STORE_NONE_VALID:
    "Somebody else's attestations are in GitHub's store, or the policy is not that of the signer. The report lists each with its reason.",
  BUNDLE_PARSE: 'The bundle is no JSON object of the Sigstore format.',
  BUNDLE_TOO_LARGE: 'The bundle is larger than any real one.',
  BUNDLE_TOO_DEEP: 'The bundle is nested deeper than any real one.',
  BUNDLE_DUPLICATE_KEY:
    'The JSON holds one member twice, which two readers can read as two different bundles.',
  BUNDLE_FIELD: 'The bundle breaks its own format at the member that the message names.',
  BUNDLE_VERSION: 'The media type is none of the four that name a Sigstore bundle.',
  BUNDLE_CHAIN: 'The certificates beside the signing one are not those of the trusted root.',
  BUNDLE_KEY:
    'The bundle is signed with a long-lived key, which names nobody; the actions accept certificates only.',
  BUNDLE_CONTENT: 'A bundle holds either one message signature or one envelope with one signature.',
  BUNDLE_TLOG: 'A bundle holds 1 to 32 log entries.',
  BUNDLE_TIMESTAMPS: 'A bundle holds up to 32 timestamps.',
  BUNDLE_BASE64: 'The bundle holds a value that is not base64 as RFC 4648 writes it.',
  BUNDLE_ALGORITHM: 'The bundle names a hash algorithm that does not fit.',
  SIG_DIGEST:
    'The file is not the one that was signed: it was changed after signing, or the bundle is for another file.',
  SIG_INVALID:
    'The signature is not over this file: it was changed after signing, or the bundle is for another file.',
  SIG_DIGEST_ONLY: 'This kind of key signs the whole file: verify with the file, not with its digest.',
  STATEMENT_TYPE: 'The envelope holds no in-toto statement.',
  STATEMENT_PARSE: 'The in-toto statement is malformed.',
  STATEMENT_SUBJECTS: 'The in-toto statement names no artifact that can be compared.',
  SUBJECT_NAME:
    'The attestation is about the same bytes under another name: what is on the release was renamed, or attested under a name that GitHub changes.',
  SUBJECT_MISMATCH: 'The attestation is about other artifacts.',
  PREDICATE_TYPE:
    'The attestation is of another type. Ask for it with `predicate-type` if it is the one you mean.',

  // policy
  POLICY_REQUIRED: 'Say who may have signed: `repository`, `signer-workflow` or `certificate-identity`.',
  POLICY_TOO_BROAD: 'Name the signer exactly; `*` is allowed in the ref only.',
  POLICY_SYNTAX: 'Write the value as the message shows.',
  IDENTITY_MISMATCH: 'The signature is good, but by somebody else than the policy names.',
  TIME_TOO_OLD: 'The signature is older than `signed-after` allows.',
  VERIFY_FAILED: 'At least one file has no valid signature by the expected signer: do not use these files.',

  // network
  NET_UNREACHABLE:
    'The service could not be reached, or gave no good answer, within the time budget. Run the job again; how the public instance is: https://status.sigstore.dev.',
  NET_TIMEOUT:
    'The service did not answer within the time budget. Run the job again; how the public instance is: https://status.sigstore.dev.',
  NET_TLS:
    'The certificate of the server is not trusted here. Behind an inspecting proxy give its CA with `ca-certificates`.',
  NET_TOO_LARGE: 'The service sent more than any real answer has.',
  NET_REDIRECT: 'The service redirects, which no Sigstore service does. Check the URL and the proxy.',
  NET_BAD_RESPONSE: 'The service sent something that is no answer. Check the URL and the proxy.',
  NET_OVERLOADED:
    'The service asked to slow down until the time budget was used up. Run the job again later.',
  NET_PROXY: 'Check the proxy settings of this runner.',
  NET_INSECURE: 'Use https. Plain http is for loopback under `sigstore: custom` only.',
  CLOCK: 'Correct the clock of the runner.',

  // GitHub's API
  GITHUB_TOKEN:
    "Leave `github-token` at its default, the token of the job, or give one that GitHub's API accepts.",
  GITHUB_PERMISSION: 'Give the job the permission that the message names.',
  GITHUB_NOT_FOUND:
    'Check the names in the message. What the token may not read looks to GitHub as if it did not exist.',
  GITHUB_REFUSED: 'GitHub refused the request for the reason given.',
  GITHUB_RESPONSE:
    'GitHub answered with something that its API does not describe. Run the job again; see https://www.githubstatus.com.',
  GITHUB_HOST: 'GitHub named a host that is not one of its own. Check `GITHUB_API_URL` and the proxy.',

  // releases
  RELEASE_NOT_FOUND:
    'Create the release first, as a draft: nothing here ever creates one. Drafts are seen only with `permissions: contents: write`.',
  RELEASE_IMMUTABLE:
    'Nothing can be added to an immutable release once it is published. Create a draft, upload and sign, and publish last (`release-publish: true`). For one that is published already, keep the bundles elsewhere.',
  RELEASE_PERMISSION:
    'Give the job `permissions: contents: write`. The token of a workflow may also not touch a release whose target commit changes `.github/workflows`.',
  RELEASE_FULL:
    'GitHub takes 1,000 assets a release. Sign in one `.jsonl` (`bundle-path`), or pack files together.',
  RELEASE_ASSET_NAME: 'Rename the file: GitHub keeps letters, digits, `-`, `_`, `+`, `@` and single dots.',
  RELEASE_ASSET_STATE:
    'An upload of that name is under way or broke off. Ten minutes after it began a new run removes it if it is a bundle of ours; anything else remove by hand.',
  RELEASE_ASSET_MISMATCH: 'GitHub holds other bytes than it says. Do not use the asset; upload it again.',
  RELEASE_EXISTS:
    'Something else is on the release under that name. Remove it there by hand, or release under a new tag.',
  RELEASE_CHANGED:
    'Something else changes the release at the same time. Let one job at a time work on it, and run this one again.',
  RELEASE_INCOMPLETE:
    'Before the draft is published each asset needs a valid bundle, and each bundle must hold. Sign what is missing, remove what does not hold, or publish it yourself.',

  // workflow artifacts
  ARTIFACT_NAME: 'Names in an artifact hold none of `" : < > | * ? \\ /` and no control character.',
  ARTIFACT_UNSUPPORTED:
    'Artifacts of this kind are on github.com and ghe.com only. Leave `upload-artifact` out and hand the bundles on in another way, such as on a release.',
  ARTIFACT_EXISTS:
    'Give each job of a matrix a name of its own, such as one that ends in `matrix.os`. What is signed is kept; run the job again.',
  ARTIFACT_QUOTA:
    'Delete artifacts that are no longer needed or raise the spending limit, wait until GitHub has counted anew (6 to 12 hours), and run the job again: what is signed is kept.',
  ARTIFACT_UPLOAD:
    'Run the job again: what is signed is kept. See https://www.githubstatus.com, and that the runner reaches GitHub and its storage.',
  ARTIFACT_DIGEST:
    'What GitHub holds is not what was sent. Find the step or job of this run that changes artifacts, and run the job again.',
  // GitHub's store of attestations
  STORE_UNAVAILABLE:
    'GitHub stores attestations on github.com and ghe.com only. Set `github-attestations: off`; the bundles are on the disk all the same.',
  STORE_FAILED:
    'GitHub did not store the attestation. A new run keeps what is signed and stores what is missing.',

  // ends
  CANCELLED: 'The job was cancelled. Run it again: what is already signed is kept.',
  INTERNAL: 'This is a bug in the action. Please report it with the version and this message.',
} as const

export type ErrorCode = keyof typeof HINTS

export interface ActionErrorOptions {
  readonly cause?: unknown
  /** What the rule asks for, shown beside `found`. */
  readonly expected?: string
  readonly found?: string
  /** A more exact advice than the code's own. */
  readonly hint?: string
  /** No connection was ever made: whatever was to be sent surely did not arrive. */
  readonly unsent?: boolean
}

/** A foreseen failure. `message` names the thing, shows foreign text escaped and cut, and holds no secret. */
export class ActionError extends Error {
  readonly code: ErrorCode
  readonly expected: string | undefined
  readonly found: string | undefined
  readonly hint: string
  readonly unsent: boolean

  constructor(code: ErrorCode, message: string, options: ActionErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ActionError'
    this.code = code
    this.expected = options.expected
    this.found = options.found
    this.hint = options.hint ?? HINTS[code]
    this.unsent = options.unsent ?? false
    // Until it is read the stack holds on to the functions on it and so to all that they see: a bundle for each refusal kept.
    void this.stack
  }
}
