import { type Deletion, deletionsOf } from './deletion.ts'

/** Shape of a bundle, of its entries, of statements and of trusted roots. */
export const BUNDLE_DELETIONS: readonly Deletion[] = [
  ...deletionsOf(
    'sigstore/bundle.ts',
    ['sigstore/bundle.test.ts', 'sigstore/verifier-key.test.ts'],
    [
      [
        'a bundle is an object',
        "if (typeof json !== 'object' || json === null || Array.isArray(json)) {",
        'if (false) {',
      ],
      [
        'media types are the known four',
        'if (version !== undefined) return version',
        "return version ?? '0.3'",
      ],
      [
        'no unknown member in the bundle',
        "read.object(json, 'the bundle', ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope'])",
        '',
      ],
      ['exactly one content', 'if (isPresent(message) === isPresent(envelope)) {', 'if (false) {'],
      [
        'no unknown member in a message signature',
        "'messageSignature', ['messageDigest', 'signature'])",
        "'messageSignature')",
      ],
      ['no unknown member in a digest', "'messageDigest', ['algorithm', 'digest'])", "'messageDigest')"],
      [
        'a message signature has a digest',
        "if (!isPresent(value)) throw new ActionError('BUNDLE_FIELD', 'mess",
        "if (!isPresent(value)) return { hash: 'sha256', value: new Uint8Array(32) }\n  if (false) throw new ActionError('BUNDLE_FIELD', 'mess",
      ],
      ['the hash algorithm is known', 'if (hash === undefined)\n', 'if (false)\n'],
      ['the digest has the length of its hash', 'if (bytes.length !== DIGEST_BYTES[hash]) {', 'if (false) {'],
      ['a signature is not empty', 'if (signature.length === 0) throw', 'if (false) throw'],
      [
        'no unknown member in an envelope',
        "'dsseEnvelope', ['payload', 'payloadType', 'signatures'])",
        "'dsseEnvelope')",
      ],
      ['one signature in an envelope', 'if (signatures.length !== 1) {', 'if (false) {'],
      [
        'no unknown member in a signature',
        "'dsseEnvelope.signatures[0]', ['sig', 'keyid'])",
        "'dsseEnvelope.signatures[0]')",
      ],
      ['payloads have a limit', 'if (payload.length > MAX_PAYLOAD_BYTES) {', 'if (false) {'],
      ['exactly one key', 'if (given !== 1) {', 'if (false) {'],
      [
        'the member for the certificate is that of the version',
        "if (isPresent(certificate) !== (version === '0.3')) {",
        'if (false) {',
      ],
      ['a key hint holds no more than a hint', "'publicKey', ['hint'])", "'publicKey')"],
      [
        'a certificate holds bytes alone',
        "read.object(value, where, ['rawBytes'])",
        'read.object(value, where)',
      ],
      [
        'chains have a limit',
        'if (certificates.length < 1 || certificates.length > MAX_CHAIN) {',
        'if (false) {',
      ],
      ['timestamps have a limit', 'if (list.length > MAX_TIMESTAMPS) {', 'if (false) {'],
      [
        'a timestamp holds bytes alone',
        "read.object(one, where, ['signedTimestamp'])",
        'read.object(one, where)',
      ],
      [
        'no unknown member beside the timestamps',
        "'timestampVerificationData', ['rfc3161Timestamps'])",
        "'timestampVerificationData')",
      ],
      ['entries have a limit', 'if (list.length > MAX_ENTRIES) {', 'if (false) {'],
      [
        'version 0.1 demands a promise',
        "if (version === '0.1' && entry.promise === undefined) {",
        'if (false) {',
      ],
      [
        'later versions demand a proof',
        "if (version !== '0.1' && entry.proof === undefined) {",
        'if (false) {',
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/log-entry-json.ts',
    ['sigstore/log-entry.test.ts', 'sigstore/bundle.test.ts'],
    [
      ['a checkpoint is there', "if (!isPresent(proof['checkpoint'])) {", 'if (false) {'],
      ['a proof has a limit', 'if (hashes.length > 63) throw', 'if (false) throw'],
      ['an id holds bytes alone', ".logId`, ['keyId'])", '.logId`)'],
      ['a kind holds kind and version alone', ".kindVersion`, ['kind', 'version'])", '.kindVersion`)'],
      [
        'a promise holds a signature alone',
        "read.object(value, where, ['signedEntryTimestamp'])",
        'read.object(value, where)',
      ],
      ['a checkpoint holds a text alone', ".checkpoint`, ['envelope'])", '.checkpoint`)'],
    ],
  ),
  ...deletionsOf(
    'core/json-reader.ts',
    ['sigstore/bundle.test.ts'],
    [
      ['unknown members are refused', 'if (unknown !== undefined) refuse(', 'if (false) refuse('],
      ['an object is an object', 'if (!isJsonObject(value)) return refuse(', 'if (false) return refuse('],
      [
        'a list is a list',
        'return Array.isArray(value) ? value : refuse(',
        'return Array.isArray(value) || true ? value : refuse(',
      ],
      [
        'numbers are safe integers',
        'return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined',
        'return BigInt(Math.trunc(value))',
      ],
      ['numbers in texts are canonical', '|| !DECIMAL.test(value)) return undefined', ') return undefined'],
      ['numbers fit into int64', 'return number <= INT64_MAX ? number : undefined', 'return number'],
    ],
  ),
  ...deletionsOf(
    'core/json.ts',
    ['sigstore/bundle.test.ts', 'core/json.test.ts'],
    [
      ['JSON has a limit', 'if (source.length > rules.maxBytes) {', 'if (false) {'],
      ['JSON has a depth', 'if (depth > rules.maxDepth)', 'if (false)'],
      ['no member stands twice', 'if (countMembers(value) === members) return value', 'return value'],
      ['no member is called __proto__', "if (Object.hasOwn(value, '__proto__')) return Number.NaN", ''],
    ],
  ),
  ...deletionsOf(
    'core/base64.ts',
    ['sigstore/bundle.test.ts', 'core/base64.test.ts'],
    [['base64 is canonical', "if (bytes.toString('base64') !== text) throw", 'if (false) throw']],
  ),
  ...deletionsOf(
    'sigstore/statement.ts',
    ['sigstore/statement.test.ts'],
    [
      ['the payload type is in-toto’s', 'if (content.payloadType !== IN_TOTO_PAYLOAD) {', 'if (false) {'],
      ['the type of a statement is known', 'if (!TYPES.includes(type))', 'if (false)'],
      ['the predicate type is not empty', "if (predicateType === '') throw", 'if (false) throw'],
      [
        'there are subjects, and not too many',
        'if (list.length < 1 || list.length > MAX_SUBJECTS) {',
        'if (false) {',
      ],
      [
        'some subject can be compared',
        'if (!subjects.some(({ digest }) => SUPPORTED.some((hash) => Object.hasOwn(digest, hash)))) {',
        'if (false) {',
      ],
      [
        'a subject has digests, and not too many',
        'if (members.length < 1 || members.length > MAX_DIGESTS) {',
        'if (false) {',
      ],
      [
        'a digest is written as one',
        'if (hash !== undefined && !(text.length === DIGEST_BYTES[hash] * 2 && /^[0-9a-f]+$/.test(text))) {',
        'if (false) {',
      ],
      [
        'some subject is the artifact',
        'if (found !== undefined) return found',
        'return found ?? statement.subjects[0] ?? { digest: {} }',
      ],
      [
        'every known digest of the subject agrees',
        'return known.length > 0 && known.every((hash) => ours(hash) === digest[hash])',
        'return known.length > 0 && known.some((hash) => ours(hash) === digest[hash])',
      ],
      [
        'one digest at least is known',
        'return known.length > 0 && known.every((hash) => ours(hash) === digest[hash])',
        'return known.every((hash) => ours(hash) === digest[hash])',
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/trusted-root.ts',
    ['sigstore/trusted-root.test.ts', 'sigstore/verifier-time.test.ts'],
    [
      ['the media type of the root is known', 'if (!MEDIA_TYPES.includes(mediaType)) {', 'if (false) {'],
      [
        'GitHub’s instance has no logs',
        'isGitHub: noLogs && all.length > 0 && all.every(isOfGitHub)',
        'isGitHub: all.length > 0 && all.every(isOfGitHub)',
      ],
      [
        'GitHub’s instance has authorities',
        'isGitHub: noLogs && all.length > 0 && all.every(isOfGitHub)',
        'isGitHub: noLogs && all.every(isOfGitHub)',
      ],
      [
        'GitHub’s instance has GitHub’s authorities',
        'isGitHub: noLogs && all.length > 0 && all.every(isOfGitHub)',
        'isGitHub: noLogs && all.length > 0',
      ],
      [
        'GitHub’s instance has no other authority',
        'isGitHub: noLogs && all.length > 0 && all.every(isOfGitHub)',
        'isGitHub: noLogs && all.length > 0 && all.some(isOfGitHub)',
      ],
      ['logs that share an id are left out', 'for (const id of shared) logs.delete(id)', ''],
      [
        'a log without a start is left out',
        'if (window === undefined || fits === undefined) return undefined',
        'if (fits === undefined) return undefined',
      ],
      ['the key is of its kind', 'if (!fits(key)) throw', 'if (false) throw'],
      ['the id is that of the key', 'if (!fits) throw new ActionError', 'if (false) throw new ActionError'],
      ['the address is one', 'if (!URL.canParse(baseUrl))', 'if (false)'],
      [
        'authorities that share a certificate are left out',
        'return usable.filter((authority) => counts.get(first(authority))?.length === 1)',
        'return usable',
      ],
      [
        'an authority without a start is left out',
        'return window === undefined || certificates.length === 0 ? undefined',
        'return certificates.length === 0 ? undefined',
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/window.ts',
    ['sigstore/trusted-root.test.ts', 'sigstore/verifier-time.test.ts'],
    [
      ['a window has a start', 'time >= window.start && time <= window.end', 'time <= window.end'],
      ['a window has an end', 'time >= window.start && time <= window.end', 'time >= window.start'],
      ['a window holds its first moment', 'time >= window.start &&', 'time > window.start &&'],
      ['a window holds its last moment', 'time <= window.end', 'time < window.end'],
      ['times are on a calendar', 'if (!real || !onClock) throw refuse()', 'if (!onClock) throw refuse()'],
      ['times are on a clock', 'if (!real || !onClock) throw refuse()', 'if (!real) throw refuse()'],
      [
        'times are written as RFC 3339 has them',
        'if (match === null) throw refuse()',
        'if (match === null) return 0',
      ],
      ['a window does not end before it starts', 'if (start !== undefined && end < start)', 'if (false)'],
    ],
  ),
]
