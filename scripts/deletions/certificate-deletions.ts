import { type Deletion, deletionsOf } from './deletion.ts'

/** Certificates, their authorities and promises, timestamps, the signature, and whose it is. */
export const CERTIFICATE_DELETIONS: readonly Deletion[] = [
  ...deletionsOf(
    'sigstore/verifier.ts',
    [
      'sigstore/verifier-hostile.test.ts',
      'sigstore/verifier-key.test.ts',
      'sigstore/verifier-again.test.ts',
      'sigstore/verifier-time.test.ts',
      'sigstore/certificate-profile.test.ts',
    ],
    [
      [
        'log entries',
        'const logged = verifyLogEntries(bundle.entries, bundle.version, signed, trust, now)',
        'const logged: LogEvidence[] = []',
      ],
      ['the signature', '  verifySignature(signed, logged)\n', ''],
      ['the subject', '  verifySubject(statement, artifact)\n', ''],
      ['an envelope is proven under this root', 'known?.trust === trust && ', 'known !== undefined && '],
      ['an envelope is proven with this key', ' && known.managedKey === managedKey', ''],
      ['an envelope is proven for this time', ' && known.now <= now', ''],
      ['a file that begins as an attestation', 'if (artifact.looksSigned) {', 'if (false) {'],
      [
        'the digest beside a message signature',
        'if (sameDigest(artifact, digest.hash, digest.value)) return\n',
        'if (digest) return\n',
      ],
      [
        'no certificate where a key is asked for',
        "if (key.kind === 'certificate' && managedKey === undefined) {",
        "if (key.kind === 'certificate') {",
      ],
      ['the key id is the hint', 'content.keyid !== key.hint\n', 'false\n'],
      ['there is a time', 'if (times.length === 0) throw', 'if (false) throw'],
      [
        'a log without time was in use at every time',
        'if (time === undefined) for (const { at } of times) assertLogInUse(log, at)',
        '',
      ],
      [
        'the chain is judged at every time',
        'times.map(({ at }) => at),',
        'times.slice(0, 1).map(({ at }) => at),',
      ],
      [
        'the chain is judged at the earliest time too',
        'times.map(({ at }) => at),',
        'times.slice(-1).map(({ at }) => at),',
      ],
      ['other certificates are those of the root', 'assertKnownChain(key.others, trust)', ''],
      [
        'promises of certificate transparency',
        'return verifyScts(who.certificate, issuer, trust, now)',
        'return []',
      ],
      [
        'a signature that does not match',
        "if (!good) throw new ActionError('SIG_INVALID'",
        "if (false) throw new ActionError('SIG_INVALID'",
      ],
    ],
  ),
  ...deletionsOf(
    'sigstore/certificate-profile.ts',
    ['sigstore/certificate-profile.test.ts'],
    [
      ['a leaf is no authority', 'if (basicConstraints?.ca === true) refuse(', 'if (false) refuse('],
      [
        'key usage is there',
        "if (keyUsage === undefined || !keyUsage.bits.has('digitalSignature') || keyUsage.bits.size !== 1) {",
        "if (keyUsage !== undefined && (!keyUsage.bits.has('digitalSignature') || keyUsage.bits.size !== 1)) {",
      ],
      ['key usage: digitalSignature', "|| !keyUsage.bits.has('digitalSignature') ||", '||'],
      ['key usage: nothing else', ' || keyUsage.bits.size !== 1) {', ') {'],
      [
        'extended key usage: one',
        'extendedKeyUsage?.purposes.length !== 1 || extendedKeyUsage.purposes[0] !== CODE_SIGNING',
        'extendedKeyUsage?.purposes[0] !== CODE_SIGNING',
      ],
      [
        'extended key usage: codeSigning',
        'extendedKeyUsage?.purposes.length !== 1 || extendedKeyUsage.purposes[0] !== CODE_SIGNING',
        'extendedKeyUsage?.purposes.length !== 1',
      ],
      ['one name', 'if (name === undefined || names.length !== 1) {', 'if (name === undefined) {'],
      ['a user name is one', 'name.oid === USER_NAME &&', ''],
      ['a user name is a text', " && name.value !== ''", ''],
      ['an extension is a UTF8String', 'if (der.tag !== UTF8_STRING) refuse(', 'if (false) refuse('],
      [
        'two issuers agree',
        'if (first !== undefined && second !== undefined && first !== second) {',
        'if (false) {',
      ],
      ['older extensions are UTF-8', 'if (/^[2-6]$/.test(number)) parseUtf8(', 'if (false) parseUtf8('],
    ],
  ),
  ...deletionsOf(
    'core/x509-extensions.ts',
    ['sigstore/certificate-profile.test.ts', 'core/x509.test.ts'],
    [
      ['no extension stands twice', 'if (seen.has(oid)) throw', 'if (false) throw'],
      ['no unknown critical extension', 'if (strange !== undefined) throw', 'if (false) throw'],
      ['no purpose stands twice', '|| new Set(oids).size !== oids.length) throw', ') throw'],
      [
        'names are printable ASCII',
        'if (content.length === 0 || content.some((octet) => octet < 0x20 || octet > 0x7e)) {',
        'if (false) {',
      ],
      [
        'key usage is minimal',
        'if (octets.length < 1 || octets.length > 2 || !minimal) throw',
        'if (false) throw',
      ],
    ],
  ),
  ...deletionsOf(
    'core/x509.ts',
    ['sigstore/certificate-profile.test.ts', 'core/x509.test.ts'],
    [
      ['certificates have a limit', 'if (der.length > MAX_BYTES) throw', 'if (false) throw'],
      [
        'one signature algorithm',
        'if (algorithm === undefined || !equalBytes(algorithm.raw, fields.algorithm.raw)) {',
        'if (algorithm === undefined) {',
      ],
      [
        'validity does not end before it begins',
        'if (rest.length > 0 || notAfter < notBefore) throw',
        'if (rest.length > 0) throw',
      ],
      [
        'an issuer has the name',
        'const named = equalBytes(child.issuer, issuer.subject)',
        'const named = true',
      ],
      [
        'an issuer has the key identifier',
        'const identified = asked === undefined || own === undefined || equalBytes(asked, own)',
        'const identified = true',
      ],
      ['an issuer signed', 'signatureMatches(publicKey, algorithm.hash, child.tbs, child.signature)', 'true'],
    ],
  ),
  ...deletionsOf(
    'sigstore/authority.ts',
    ['sigstore/certificate-profile.test.ts', 'sigstore/verifier-time.test.ts'],
    [
      [
        'paths may issue',
        'return certificates.flatMap((one) => extend([one])).filter((path) => mayIssue(path, purpose))',
        'return certificates.flatMap((one) => extend([one]))',
      ],
      ['an issuer is an authority', 'basicConstraints?.ca === true &&\n      length', 'length'],
      ['path lengths', 'length >= depth &&', ''],
      [
        'an issuer may sign certificates',
        "(keyUsage === undefined || keyUsage.bits.has('keyCertSign')) &&",
        '',
      ],
      ['an issuer has the purpose', '(purposes === undefined || purposes.includes(purpose))', 'true'],
      [
        'the anchor is the last one listed',
        'const anchor = certificates.at(-1)',
        'const anchor = certificates.at(0)',
      ],
      ['certificates are valid at the time', 'if (isWithin(time, window)) continue', 'continue'],
      [
        'an authority issued the leaf',
        'if (issued.length === 0) {',
        'if (issued.length === 0) return authorities[0]?.paths(CODE_SIGNING)[0] ?? []\n  if (false) {',
      ],
      [
        'the authority was in use',
        'const current = issued.filter(({ authority }) => isWithin(time, authority.window))',
        'const current = issued',
      ],
      ['the leaf was valid', 'assertValidAt([leaf, ...path], time)', 'assertValidAt(path, time)'],
      ['the issuers were valid', 'assertValidAt([leaf, ...path], time)', 'assertValidAt([leaf], time)'],
    ],
  ),
  ...deletionsOf(
    'sigstore/sct-verify.ts',
    [
      'sigstore/certificate-profile.test.ts',
      'sigstore/leaf.test.ts',
      'sigstore/verifier-time.test.ts',
      'sigstore/verifier-hostile.test.ts',
    ],
    [
      ['promises are proven under this root', 'known?.trust === trust && ', 'known !== undefined && '],
      ['promises are proven for this issuer', ' && known.issuer === issuer', ''],
      ['promises are proven for this time', ' && known.now <= now', ''],
      [
        'there is a list',
        'if (extension === undefined) {',
        'if (extension === undefined) return []\n  if (false) {',
      ],
      ['the list is not empty', 'if (scts.length === 0)\n', 'if (false)\n'],
      ['GitHub’s instance has no list', 'if (!hasScts) return []', 'return []'],
      [
        'the key of the issuer',
        "const issuerKeyHash = digest('sha256', issuer.publicKey.spki)",
        "const issuerKeyHash = digest('sha256', (trust.certificateAuthorities[0]?.certificates[0] ?? issuer).publicKey.spki)",
      ],
      [
        'the log is known',
        'if (log === undefined) {',
        "if (log === undefined) return { log: '', at: sct.timestamp }\n  if (false) {",
      ],
      ['each one is verified', 'return scts.map((sct) =>', 'return scts.slice(0, 1).map((sct) =>'],
      ['each one is of another log', '  assertDistinctLogs(scts)\n', ''],
      [
        'the algorithm is the log’s',
        'const typeFits = log.key.type === sct.signatureType',
        'const typeFits = true',
      ],
      ['the signature', '!signatureMatches(log.key, sct.hash, signed, sct.signature)', 'false'],
      ['not of the future', 'if (timestamp > now) {', 'if (false) {'],
      ['the log was in use', 'if (isWithin(timestamp, log.window)) return', 'return'],
    ],
  ),
  ...deletionsOf(
    'core/sct.ts',
    ['sigstore/certificate-profile.test.ts', 'core/sct.test.ts'],
    [
      ['nothing behind the list', 'if (outer.left() > 0) throw', 'if (false) throw'],
      ['a limit', 'if (scts.length > MAX_SCTS) throw', 'if (false) throw'],
      ['version 1', 'if (reader.number(1) !== 0) throw', 'reader.number(1)\n  if (false) throw'],
      ['nothing behind an SCT', 'if (reader.left() > 0) throw', 'if (false) throw'],
    ],
  ),
  ...deletionsOf(
    'sigstore/timestamp-verify.ts',
    ['sigstore/verifier-time.test.ts'],
    [
      [
        'each timestamp is by another authority',
        'if (new Set(stamped.map(({ authority }) => authority)).size !== stamped.length) {',
        'if (false) {',
      ],
      [
        'the imprint is that of the signature',
        'if (!equalBytes(token.imprint.digest, digest(token.imprint.hash, signature))) {',
        'if (false) {',
      ],
      [
        'the authority is known',
        'if (signers.length === 0) {',
        "if (signers.length === 0) return { time: { source: 'timestamp authority', at: token.genTime, by: '' }, authority: authorities[0] }\n  if (false) {",
      ],
      ['not of the future', 'if (token.genTime > now) {', 'if (false) {'],
      [
        'the chain leads to the root',
        'if (leaf === undefined || path === undefined) {',
        'if (leaf === undefined) {',
      ],
      ['the signer may sign timestamps', '  assertTimestampingLeaf(leaf)\n', ''],
      ['the signer signed', '  verifyTimestampToken(token, leaf)\n', ''],
      ['the authority was in use', 'if (!isWithin(at, authority.window)) {', 'if (false) {'],
      ['the certificates were valid', '  assertAuthorityValidAt([leaf, ...path], at)\n', ''],
      [
        'the signer was valid',
        'assertAuthorityValidAt([leaf, ...path], at)',
        'assertAuthorityValidAt(path, at)',
      ],
      [
        'the issuers of the signer were valid',
        'assertAuthorityValidAt([leaf, ...path], at)',
        'assertAuthorityValidAt([leaf], at)',
      ],
      ['the purpose is critical', 'usage?.critical === true &&', 'usage !== undefined &&'],
      ['the purpose is the only one', 'usage.purposes.length === 1 &&', ''],
      ['the purpose is timestamps', ' && usage.purposes[0] === TIME_STAMPING', ''],
      ['the signer is no authority', 'if (only && basicConstraints?.ca !== true) return', 'if (only) return'],
    ],
  ),
  ...deletionsOf(
    'core/timestamp-token.ts',
    ['sigstore/verifier-time.test.ts', 'core/timestamp-token.test.ts'],
    [
      ['granted', 'if (number === 0n && isPlain) return', 'return'],
      [
        'the content is what was signed',
        'if (!equalBytes(token.messageDigest, digest(token.digestAlgorithm, token.tstInfo))) {',
        'if (false) {',
      ],
      ['the certificate that is named', 'if (!isIdentified(token, signer)) {', 'if (false) {'],
      ['the signature', 'if (!isSigned)\n', 'if (false)\n'],
      ['a limit', 'if (der.length > MAX_BYTES) throw', 'if (false) throw'],
      [
        'one signer',
        'if (signer === undefined || others.length > 0) throw',
        'if (signer === undefined) throw',
      ],
    ],
  ),
  ...deletionsOf(
    'core/cms-signer.ts',
    ['sigstore/verifier-time.test.ts', 'core/timestamp-token.test.ts'],
    [
      [
        'signed attributes',
        'if (attributes?.tag !== SIGNED_ATTRIBUTES) throw',
        'if (attributes === undefined) throw',
      ],
      [
        'the type of content',
        'if (parseOid(values.get(OID.contentType), CODE, WHAT) !== TST_INFO_OID) {',
        'if (false) {',
      ],
    ],
  ),
  ...deletionsOf(
    'core/public-key.ts',
    ['sigstore/verifier-hostile.test.ts', 'sigstore/certificate-profile.test.ts', 'core/public-key.test.ts'],
    [['a point is on its curve', 'if (isOnCurve(curve, point)) return', 'return']],
  ),
  ...deletionsOf(
    'sigstore/policy.ts',
    ['sigstore/policy.test.ts', 'sigstore/verifier-hostile.test.ts', 'sigstore/verifier-key.test.ts'],
    [
      ['an exact issuer', "exact('issuer', expected.issuer, signer.claims.issuer),", ''],
      ['an exact name', "exact('signer', expected.name, signer.name.value),", ''],
      [
        'an exact certificate',
        'if (!equalBytes(expected.certificate.raw, signer.certificate.raw)) {',
        'if (false) {',
      ],
      ['the issuer of the policy', 'issuerRule(claims.issuer, policy.issuer),', ''],
      ['the source of the policy', '...sourceRules(signer, workflow, policy),', ''],
      ['the signer of the policy', '...signerRules(signer, workflow, policy),', ''],
      ['the ref of the policy', '...refRules(claims, workflow, policy),', ''],
      ['the run of the policy', '...runRules(claims, policy),', ''],
      ['the build of the policy', '...buildRules(claims, policy),', ''],
      ['the age of the policy', 'if (earliest !== undefined && earliest.at >= signedAfter) return', 'return'],
      ['a key has no identity', "if (signer.kind === 'certificate') return signer\n", 'return signer\n'],
    ],
  ),
  ...deletionsOf(
    'sigstore/policy-rule.ts',
    ['sigstore/policy.test.ts'],
    [
      [
        'a rule holds exactly',
        'holds: found === expected,',
        'holds: found?.toLowerCase() === expected.toLowerCase(),',
      ],
      ['a broken rule is an error', 'if (broken === undefined) return', 'if (broken !== null) return'],
    ],
  ),
  ...deletionsOf(
    'sigstore/policy-source.ts',
    ['sigstore/policy.test.ts'],
    [
      [
        'the id of the repository',
        "...exactIf('id of the source repository', policy.repositoryId, sourceRepositoryIdentifier),",
        '',
      ],
      [
        'the id of the owner',
        "...exactIf('id of its owner', policy.ownerId, sourceRepositoryOwnerIdentifier),",
        '',
      ],
      ['the repository', '...repositoryRule(claims, workflow, policy),', ''],
      ['the ref', '...refRule(claims.sourceRepositoryRef, policy),', ''],
      ['the commit', "...exactIf('source commit', policy.sourceDigest, claims.sourceRepositoryDigest),", ''],
      ['the ref of the own workflow', '...ownRefRule(claims, workflow, policy),', ''],
      ['the run', '...(run === undefined ? [] : [runRule(run, runInvocationUri)]),', ''],
      ['the trigger asked for', "...exactIf('trigger', trigger, buildTrigger, line),", ''],
      ['an unsafe trigger', 'holds: found !== undefined && !isUnsafe,', 'holds: found !== undefined,'],
      ['a trigger is there', 'holds: found !== undefined && !isUnsafe,', 'holds: !isUnsafe,'],
      ['a pull request’s trigger', "found?.startsWith('pull_request') === true ||", ''],
    ],
  ),
  ...deletionsOf(
    'sigstore/policy-signer.ts',
    ['sigstore/policy.test.ts'],
    [
      ['the repository of the workflow', 'if (workflow.repository !== rule.repository) return false', ''],
      [
        'the path of the workflow',
        'if (rule.path !== undefined && workflow.path !== rule.path) return false',
        '',
      ],
      ['a branch or tag', 'return ofThisPull || isBranchOrTag(ref)', 'return true'],
      [
        'name and extension agree',
        'return [workflowRule(signer, workflow, policy.signer.workflows, policy), ...agrees]',
        'return [workflowRule(signer, workflow, policy.signer.workflows, policy)]',
      ],
      ['a URI is a URI', "holds: rule.holds && isUri === (name.type === 'uri')", 'holds: rule.holds'],
      [
        'the commit of the workflow',
        "...exactIf('commit of the signing workflow', policy.signerDigest, buildSignerDigest),",
        '',
      ],
    ],
  ),
]
