import { type Deletion, deletionsOf } from './deletion.ts'

/** Log entries, promises, proofs and tree heads. */
export const LOG_DELETIONS: readonly Deletion[] = [
  ...deletionsOf(
    'sigstore/log-entry-verify.ts',
    [
      'sigstore/verifier-log.test.ts',
      'sigstore/verifier-proof.test.ts',
      'sigstore/verifier-hostile.test.ts',
      'sigstore/verifier-time.test.ts',
      'sigstore/verifier.test.ts',
    ],
    [
      [
        'an index that only a promise signs is not told without one',
        'if (api === 2 || entry.promise !== undefined || entry.proof === undefined) return',
        'return',
      ],
      ['there is an entry', 'if (entries.length === 0 && !trust.isGitHub) {', 'if (false) {'],
      [
        'each entry is of another log',
        'if (new Set(verified.map(({ log }) => log)).size !== verified.length) {',
        'if (false) {',
      ],
      [
        'the log is known',
        'if (log === undefined) {',
        "if (log === undefined) return { entry: { log: '', logId: '', index: 0n, kind: '', version: '' }, log: [...trust.transparencyLogs.values()][0], time: { source: 'transparency log', at: now, by: '' } }\n  if (false) {",
      ],
      [
        'the body is verified',
        'const body = verifyBody(entry, signed)',
        "const body = { api: entry.version === '0.0.2' && entry.kind === 'hashedrekord' ? 2 : 1, leaf: entry.body }",
      ],
      [
        'a promise is verified',
        'const at = verifyPromise(entry, entry.promise, log)',
        'const at = Number(entry.integratedTime ?? 0n) * 1000',
      ],
      ['a proof is verified', 'verifyEntryProof(entry, version, body, log, time)\n', ''],
      ['a kind is known', 'if (allowed === undefined || (allowed', 'if (allowed !== undefined && (allowed'],
      ['a kind fits the content', "(allowed !== 'any' && allowed !== signed.content.kind)", 'false'],
      ['Rekor v2 gives no promise', 'if (promise === undefined) return undefined\n', 'return undefined\n'],
      ['an entry is not of the future', 'if (at > now) {', 'if (false) {'],
      ['the log was in use at the time that it gives', '  assertLogInUse(log, at)\n', ''],
      ['the log was in use', 'if (isWithin(at, log.window)) return', 'return'],
      [
        'the index of v2 is that of the proof',
        'const index = body.api === 1 ? entry.proof.logIndex : entry.logIndex',
        'const index = entry.proof.logIndex',
      ],
      [
        'a promise alone is for version 0.1',
        "if (version === '0.1' && time !== undefined && time.at < PROOFS_SINCE) return",
        'if (time !== undefined && time.at < PROOFS_SINCE) return',
      ],
      [
        'a promise alone is for the time before 2024',
        "if (version === '0.1' && time !== undefined && time.at < PROOFS_SINCE) return",
        "if (version === '0.1' && time !== undefined) return",
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/log-body.ts',
    ['sigstore/verifier-log.test.ts', 'sigstore/verifier-hostile.test.ts'],
    [
      [
        'the kind is that of the body',
        'if (kind !== entry.kind || version !== entry.version) {',
        'if (version !== entry.version) {',
      ],
      [
        'the version is that of the body',
        'if (kind !== entry.kind || version !== entry.version) {',
        'if (kind !== entry.kind) {',
      ],
      [
        'a body has no unknown member',
        "'the body of the log entry', ['apiVersion', 'kind', 'spec'])",
        "'the body of the log entry')",
      ],
      [
        'the hash is the one that the bundle names',
        "content.kind === 'message' && content.digest.hash !== hash",
        'false',
      ],
      [
        'the digest is that of the artifact',
        'if (sameDigest(signed.signedBytes, hash, logged)) return',
        'return',
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/log-body-v1.ts',
    ['sigstore/verifier-log.test.ts', 'sigstore/verifier-key.test.ts'],
    [
      [
        'v1, message: the signature',
        "const logged = read.bytes(signature['content'], 'spec.signature.content')\n  if (!equalBytes(logged, signed.content.signature)) throw",
        "const logged = read.bytes(signature['content'], 'spec.signature.content')\n  if (false) throw",
      ],
      [
        'v1, message: the key',
        "verifyLoggedKey(read.bytes(publicKey['content'], 'spec.signature.publicKey.content'), signed)",
        '',
      ],
      ['v1, message: the digest', 'verifyLoggedDigest(hash, value, signed)', ''],
      [
        'v1: a hash is known and has its length',
        'if (hash === undefined || hex.length !== 2 * DIGEST_BYTES[hash]) {',
        'if (false) {',
      ],
      [
        'v1: a key of the right kind',
        'if (label !== expectedLabel || !equalBytes(der, expected)) {',
        'if (!equalBytes(der, expected)) {',
      ],
      [
        'v1: the very key',
        'if (label !== expectedLabel || !equalBytes(der, expected)) {',
        'if (label !== expectedLabel) {',
      ],
      ['v1, attestation: the payload', 'if (equalBytes(expected, logged)) return', 'return'],
      [
        'v1, attestation: one signature',
        'if (signatures.length !== 1) throw',
        'if (signatures.length < 1) throw',
      ],
      [
        'v1, dsse: the signature',
        "'spec.signatures[0].signature')\n  if (!equalBytes(logged, content.signature)) throw",
        "'spec.signatures[0].signature')\n  if (false) throw",
      ],
      [
        'v1, dsse: the key',
        "verifyLoggedKey(read.bytes(signature['verifier'], 'spec.signatures[0].verifier'), signed)",
        '',
      ],
      ['v1, dsse: the payload', "verifyPayloadHash(spec['payloadHash'], content)", ''],
      [
        'v1, intoto: the signature',
        "'the logged signature',\n  )\n  if (!equalBytes(logged, content.signature)) throw",
        "'the logged signature',\n  )\n  if (false) throw",
      ],
      [
        'v1, intoto: the key',
        "verifyLoggedKey(read.bytes(signature['publicKey'], 'spec.content.envelope.signatures[0].publicKey'), signed)",
        '',
      ],
      [
        'v1, intoto: the payload type',
        'if (isPresent(type) && type !== content.payloadType) throw',
        'if (false) throw',
      ],
      ['v1, intoto: the payload', "verifyPayloadHash(inner['payloadHash'], content)", ''],
    ],
  ),
  ...deletionsOf(
    'sigstore/log-body-v2.ts',
    ['sigstore/verifier-log.test.ts', 'sigstore/verifier-hostile.test.ts', 'sigstore/verifier-key.test.ts'],
    [
      ['v2: the stored body is the rebuilt one', 'if (!equalBytes(entry.body, leaf)) {', 'if (false) {'],
      ['v2: the signature', 'if (!equalBytes(content, signed.content.signature)) throw', 'if (false) throw'],
      ['v2: the kind of key', 'if (!isPresent(key)) throw', 'if (false) throw'],
      [
        'v2: the very key',
        'if (!equalBytes(raw, signed.certificate ?? signed.publicKey.spki)) {',
        'if (false) {',
      ],
      ['v2: the algorithm of the key', 'if (found !== details) throw', 'if (false) throw'],
      ['v2: the hash is known', 'if (hash === undefined)\n', 'if (false)\n'],
      [
        'v2: the digest',
        "verifyLoggedDigest(hash, read.bytes(data['digest'], 'spec.hashedRekordV002.data.digest'), signed)",
        '',
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/inclusion.ts',
    ['sigstore/verifier-proof.test.ts', 'sigstore/verifier-log.test.ts'],
    [
      [
        'a promised time is possible',
        'if (integratedTime <= 0n || integratedTime > 253_402_300_799n) {',
        'if (false) {',
      ],
      [
        'a promised time is not 0',
        'if (integratedTime <= 0n || integratedTime > 253_402_300_799n) {',
        'if (integratedTime > 253_402_300_799n) {',
      ],
      ['a promised index is a number', 'if (logIndex > BigInt(Number.MAX_SAFE_INTEGER)) {', 'if (false) {'],
      ['a promise is signed', 'if (matches(log.key, payload, promise)) return', 'return'],
      ['a promise is over the body', 'body: encodeBase64(entry.body),', "body: '',"],
      ['a promise is by this log', 'logID: encodeHex(log.logId),', "logID: '',"],
      [
        'the size of the proof is that of the tree head',
        'if (checkpoint.size !== proof.treeSize || !equalBytes(checkpoint.root, proof.rootHash)) {',
        'if (!equalBytes(checkpoint.root, proof.rootHash)) {',
      ],
      [
        'the root of the proof is that of the tree head',
        'if (checkpoint.size !== proof.treeSize || !equalBytes(checkpoint.root, proof.rootHash)) {',
        'if (checkpoint.size !== proof.treeSize) {',
      ],
      ['the index of the proof is that of the entry', 'if (index !== proof.logIndex) {', 'if (false) {'],
      [
        'the leaf is in the tree',
        'leafHash: hashLeaf(leaf),',
        'leafHash: hashLeaf(leaf), size: 1n, root: hashLeaf(leaf), hashes: [], index: 0n })\n  void ({',
      ],
      [
        'the origin is that of the log',
        'log.names.find((one) => isOrigin(checkpoint.origin, one, api))',
        'log.names[0]',
      ],
      ['the origin of v2 is the name alone', '? origin === name', '? origin.startsWith(name)'],
      ['the origin of v1 begins with the name', ': origin.startsWith(', ': Boolean('],
      ['the origin of v1 ends with a tree', ' && /^[0-9]+$/.test(origin.slice(name.length + 3))', ''],
      ['a signature of a tree head has the name', 'line.name === name &&', ''],
      [
        'a signature of a tree head has the hint',
        '(line) => line.name === name && equalBytes(line.keyHint, log.logId.subarray(0, 4)),',
        '(line) => line.name === name,',
      ],
      ['a tree head is signed', 'if (own.length > 0 && own.every(', 'if (own.every('],
      [
        'each signature of the log is good',
        'own.length > 0 && own.every(({ signature }) => matches(log.key, text, signature))',
        'own.some(({ signature }) => matches(log.key, text, signature))',
      ],
      [
        'a tree head is signed by the key',
        'own.every(({ signature }) => matches(log.key, text, signature))',
        'true',
      ],
    ],
  ),
  ...deletionsOf(
    'core/merkle.ts',
    ['sigstore/verifier-proof.test.ts', 'core/merkle.test.ts'],
    [
      ['an index is in the tree', 'if (index < 0n || index >= size) refuse(', 'if (false) refuse('],
      ['a hash has 32 bytes', 'if (wrong !== undefined)\n', 'if (false)\n'],
      [
        'a proof has as many hashes as it needs',
        'if (hashes.length !== count) refuse(',
        'if (false) refuse(',
      ],
      ['a proof leads to the root', 'if (equalBytes(found, expected)) return', 'return'],
      ['a leaf is no node', 'const LEAF = Uint8Array.of(0)', 'const LEAF = Uint8Array.of(1)'],
    ],
  ),
  ...deletionsOf(
    'core/note.ts',
    ['sigstore/verifier-proof.test.ts', 'core/note.test.ts'],
    [
      ['a note has a limit', 'if (envelope.length > MAX_NOTE) throw', 'if (false) throw'],
      ['the text of a note is text', 'if (!isNoteText(text)) throw', 'if (false) throw'],
      ['a note ends with a newline', "if (!block.endsWith('\\n')) throw", "if (block === '') throw"],
      ['signatures of a note have a limit', 'if (lines.length > MAX_SIGNATURES) throw', 'if (false) throw'],
      ['a signature of a note has content', 'if (bytes.length <= KEY_HINT_BYTES) throw', 'if (false) throw'],
    ],
  ),
  ...deletionsOf(
    'core/checkpoint.ts',
    ['sigstore/verifier-proof.test.ts', 'core/checkpoint.test.ts'],
    [
      [
        'a size is a plain decimal number',
        'if (DECIMAL.test(line) && BigInt(line) <= MAX_SIZE) return BigInt(line)',
        'return BigInt(line.length > 0 && /^[0-9]+$/.test(line) ? line : 0)',
      ],
      ['a root has 32 bytes', 'if (root.length === DIGEST_BYTES.sha256) return root', 'return root'],
      ['no line is empty', "|| lines.includes('')) {", ') {'],
    ],
  ),
]
