import { apiError, type Limit, ok } from './case.ts'
import type { Shape } from './shape.ts'

export const hashedRekordBody = (digest: '<hex>' | '<HEX>' = '<hex>'): object => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: { algorithm: 'sha256', value: digest } },
    signature: { content: '<base64>', publicKey: { content: '<base64>' } },
  },
})

export const DSSE_BODY = {
  apiVersion: '0.0.1',
  kind: 'dsse',
  spec: {
    envelopeHash: { algorithm: 'sha256', value: '<hex>' },
    payloadHash: { algorithm: 'sha256', value: '<hex>' },
    signatures: [{ signature: '<base64>', verifier: '<base64>' }],
  },
}

/** As the log answers with an entry. */
export const entry = (body: object): object => ({
  body: { base64: body },
  integratedTime: '<number>',
  logID: '<hex>',
  logIndex: '<number>',
  verification: {
    inclusionProof: {
      checkpoint: '<checkpoint>',
      hashes: ['<hex>'],
      logIndex: '<number>',
      rootHash: '<hex>',
      treeSize: '<number>',
    },
    signedEntryTimestamp: '<base64>',
  },
})

export const logged = (body: object): Shape => ({
  ...ok({ '<hex>': entry(body) }, 201),
  headers: { location: '/api/v1/log/entries/<hex>', etag: '<hex>' },
})

export const LOGGED = logged(hashedRekordBody())
export const LOGGED_ENVELOPE = logged(DSSE_BODY)
export const FOUND = ok({ '<hex>': entry(hashedRekordBody()) })
export const TREE = {
  rootHash: '<hex>',
  signedTreeHead: '<checkpoint>',
  treeID: '<digits>',
  treeSize: '<number>',
}

export const NO_DUPLICATES: Limit = {
  why: "Trillian's storage in memory does not know an entry again: it logs it twice, and then stumbles over the two",
  answers: [
    LOGGED,
    LOGGED_ENVELOPE,
    apiError(500, 'unexpected result from transparency log'),
    apiError(500, 'unexpected error communicating with transparency log'),
  ],
}

export const ONE_TREE: Limit = {
  why: 'this log is new and has one tree; the public one has had several',
  answers: [ok({ ...TREE, inactiveShards: null })],
}
