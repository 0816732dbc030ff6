'use strict'
// Loaded before dist/sign.js: writes the number of each private key that it makes where only the measure looks.
const crypto = require('node:crypto')
const { appendFileSync } = require('node:fs')

const generate = crypto.generateKeyPairSync
const record = process.env.KEYLESS_KEY_RECORD
delete process.env.KEYLESS_KEY_RECORD

crypto.generateKeyPairSync = (...args) => {
  const pair = generate(...args)
  appendFileSync(record, `${pair.privateKey.export({ format: 'jwk' }).d}\n`)
  return pair
}
