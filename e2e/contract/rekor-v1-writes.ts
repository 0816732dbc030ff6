import { createHash } from 'node:crypto'
import { apiError, type Case } from './case.ts'
import { postJson } from './exchange.ts'
import { base64, createKey, sha256 } from './material.ts'
import { hashedRekordBody, LOGGED, LOGGED_ENVELOPE, logged, NO_DUPLICATES } from './rekor-v1-answers.ts'
import {
  dsse,
  ENTRIES,
  edited,
  enveloped,
  hashedRekord,
  hex,
  posting,
  signedText,
} from './rekor-v1-entries.ts'

/** What is sent to be logged. */
export const WRITES: readonly Case[] = [
  { name: 'a signature by digest', ask: posting((material) => hashedRekord(material)), answer: LOGGED },
  { name: 'an attestation', ask: posting(dsse), answer: LOGGED_ENVELOPE },
  { name: 'by a public key', ask: posting(() => hashedRekord(signedText('a text'))), answer: LOGGED },
  {
    name: 'a digest in capitals',
    ask: posting(() => {
      const signed = signedText('capitals')
      return hashedRekord(signed, { algorithm: 'sha256', value: hex(signed.digest).toUpperCase() })
    }),
    answer: logged(hashedRekordBody('<HEX>')),
  },
  {
    name: 'by SHA-512',
    ask: posting((material) =>
      hashedRekord(material, {
        algorithm: 'sha512',
        value: createHash('sha512').update(material.digest).digest('hex'),
      }),
    ),
    answer: apiError(
      400,
      'error processing entry: verifying signature: invalid signature when validating ASN.1 encoded signature',
    ),
  },
  {
    name: 'a signature over another digest',
    ask: posting((material) => hashedRekord({ ...material, digest: sha256(material.digest) })),
    answer: apiError(
      400,
      'error processing entry: verifying signature: invalid signature when validating ASN.1 encoded signature',
    ),
  },
  {
    name: 'a signature that is none',
    ask: posting((material) => hashedRekord({ ...material, signature: Buffer.from('nonsense') })),
    answer: apiError(
      400,
      'error processing entry: verifying signature: invalid signature when validating IEEE_P1363 encoded signature',
    ),
  },
  {
    name: 'another key',
    ask: posting((material) => hashedRekord({ ...material, pem: createKey().pem })),
    answer: apiError(
      400,
      'error processing entry: verifying signature: invalid signature when validating ASN.1 encoded signature',
    ),
  },
  {
    name: 'an Ed25519 key',
    ask: posting((material) => {
      const key = createKey('ed25519')
      return hashedRekord({ ...material, pem: key.pem, signature: key.sign(material.digest) })
    }),
    answer: apiError(
      400,
      'error processing entry: verifying signature: unsupported hash algorithm: "SHA-256" not in [SHA-512]',
    ),
  },
  {
    name: 'nonsense for a key',
    ask: posting((material) => hashedRekord({ ...material, pem: 'nonsense' })),
    answer: apiError(400, 'error processing entry: invalid public key: failure decoding PEM'),
  },
  {
    name: 'no key',
    ask: edited((material) => hashedRekord(material), /,"publicKey":{[^}]*}/, ''),
    answer: apiError(400, 'error processing entry: missing public key'),
  },
  {
    name: 'no signature',
    ask: edited((material) => hashedRekord(material), /"content":"[^"]*",/, ''),
    answer: apiError(
      400,
      'error processing entry: verifying signature: X509 signature has not been initialized',
    ),
  },
  {
    name: 'a signature that is not base64',
    ask: edited((material) => hashedRekord(material), /"content":"[^"]*",/, '"content":"%%%",'),
    answer: apiError(
      400,
      'error processing entry: failed parsing base64 data for signature content: illegal base64 data at input byte 0',
    ),
  },
  {
    name: 'a digest that is too short',
    ask: edited((material) => hashedRekord(material), /"value":"..../, '"value":"'),
    answer: apiError(400, 'error processing entry: invalid value for hash'),
  },
  {
    name: 'a digest that is not hexadecimal',
    ask: edited((material) => hashedRekord(material), /"value":"..../, '"value":"zzzz'),
    answer: apiError(400, "error processing entry: encoding/hex: invalid byte: U+007A 'z'"),
  },
  {
    name: 'a hash that it does not know',
    ask: edited((material) => hashedRekord(material), '"sha256"', '"md5"'),
    answer: apiError(
      400,
      'error processing entry: validation failure list:\ndata.data.hash.data.hash.algorithm in body should be one of [sha256 sha384 sha512]',
    ),
  },
  {
    name: 'no hash',
    ask: edited((material) => hashedRekord(material), /"hash":{[^}]*}/, ''),
    answer: apiError(400, 'error processing entry: validation failure list:\ndata in body is required'),
  },
  {
    name: 'no kind',
    ask: edited((material) => hashedRekord(material), '"kind":"hashedrekord",', ''),
    answer: apiError(422, 'kind in body is required', 602),
  },
  {
    name: 'a kind that it does not know',
    ask: edited((material) => hashedRekord(material), '"kind":"hashedrekord"', '"kind":"nothing"'),
    answer: apiError(422, 'invalid kind value: "nothing"'),
  },
  {
    name: 'no version',
    ask: edited((material) => hashedRekord(material), '"apiVersion":"0.0.1",', ''),
    answer: apiError(422, 'apiVersion in body is required', 602),
  },
  {
    name: 'a version that it does not know',
    ask: edited((material) => hashedRekord(material), '"0.0.1"', '"0.0.9"'),
    answer: apiError(
      400,
      "error processing entry: hashedrekord implementation for version '0.0.9' not found: unable to locate entry for version 0.0.9",
    ),
  },
  {
    name: 'no spec',
    ask: posting(() => ({ apiVersion: '0.0.1', kind: 'hashedrekord' })),
    answer: apiError(422, 'spec in body is required', 602),
  },
  {
    name: 'a member that it does not know',
    ask: posting(() => ({ ...hashedRekord(signedText('a hint')), hint: 1 })),
    answer: LOGGED,
  },
  { name: 'malformed JSON', ask: posting(() => '{"apiVersion":'), answer: apiError(500, 'unexpected EOF') },
  {
    name: 'an empty body',
    ask: posting(() => ''),
    answer: apiError(422, 'proposedEntry in body is required', 602),
  },
  {
    name: 'JSON that is no object',
    ask: posting(() => '[]'),
    answer: apiError(500, 'json: cannot unmarshal array into Go value of type models.targetedProposedEntry'),
  },
  {
    name: 'text for a content type',
    ask: ({ target, material }) =>
      postJson(`${target.rekorV1}${ENTRIES}`, hashedRekord(material), { 'content-type': 'text/plain' }),
    answer: apiError(415, 'unsupported media type "text/plain", only [application/json] are allowed'),
  },
  {
    name: 'no content type',
    ask: ({ target, material }) => postJson(`${target.rekorV1}${ENTRIES}`, hashedRekord(material), {}),
    answer: apiError(
      415,
      'unsupported media type "application/octet-stream", only [application/json] are allowed',
    ),
  },
  {
    name: 'an attestation by another key',
    ask: posting((material) => dsse({ ...material, pem: createKey().pem })),
    answer: apiError(
      400,
      'error processing entry: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1',
    ),
  },
  {
    name: 'an attestation with another payload',
    ask: enveloped({ payload: base64('{}') }),
    answer: apiError(
      400,
      'error processing entry: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1',
    ),
  },
  {
    name: 'a payload that is not base64',
    ask: enveloped({ payload: '%%%' }),
    answer: apiError(
      400,
      'error processing entry: could not verify envelope: unable to base64 decode payload (is payload in the right format?)',
    ),
  },
  {
    name: 'an envelope without signatures',
    ask: enveloped({ signatures: [] }),
    answer: apiError(400, 'error processing entry: DSSE envelope must contain 1 or more signatures'),
  },
  {
    name: 'an envelope that is no JSON',
    ask: posting((material) => dsse({ ...material, envelope: '{"payload":' })),
    answer: apiError(400, 'error processing entry: unexpected end of JSON input'),
  },
  {
    name: 'no verifiers',
    ask: edited(dsse, /"verifiers":\[[^\]]*\]/, '"verifiers":[]'),
    answer: apiError(
      400,
      'error processing entry: validation failure list:\nproposedContent.proposedContent.verifiers in body should have at least 1 items',
    ),
  },
]

/** To be asked last: from then on some storages stumble. */
export const AGAIN: readonly Case[] = [
  {
    name: 'the same again',
    ask: posting((material) => hashedRekord(material)),
    answer: {
      ...apiError(409, 'an equivalent entry already exists in the transparency log with UUID <hex>'),
      headers: { location: '/api/v1/log/entries/<hex>' },
    },
    limit: NO_DUPLICATES,
  },
  {
    name: 'the same attestation again',
    ask: posting(dsse),
    answer: {
      ...apiError(409, 'an equivalent entry already exists in the transparency log with UUID <hex>'),
      headers: { location: '/api/v1/log/entries/<hex>' },
    },
    limit: NO_DUPLICATES,
  },
]
