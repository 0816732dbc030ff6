'use strict'
// Loaded before dist/sign.js: ends the process before its n-th change of the disk, as a lost machine would.
const fs = require('node:fs')

const { O_WRONLY, O_RDWR } = fs.constants
const { appendFileSync } = fs
const last = Number(process.env.KEYLESS_KILL_AT)
const record = process.env.KEYLESS_KILL_RECORD
delete process.env.KEYLESS_KILL_AT
delete process.env.KEYLESS_KILL_RECORD

let changes = 0
const count = () => {
  changes += 1
  if (record !== undefined) appendFileSync(record, '.')
  if (changes === last) process.kill(process.pid, 'SIGKILL')
}
const writes = (flags) =>
  typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR)) !== 0 : /[wa+]/.test(String(flags ?? 'r'))

const wrapHandle = (handle) => {
  for (const name of ['write', 'writeFile', 'appendFile', 'sync', 'datasync', 'truncate', 'chmod']) {
    const real = handle[name]
    handle[name] = (...args) => {
      count()
      return real.apply(handle, args)
    }
  }
  return handle
}

const { open } = fs.promises
fs.promises.open = async (path, flags, ...rest) => {
  if (!writes(flags)) return open(path, flags, ...rest)
  count()
  return wrapHandle(await open(path, flags, ...rest))
}
for (const name of ['rename', 'link', 'unlink', 'mkdir', 'writeFile', 'appendFile', 'rm', 'copyFile']) {
  const real = fs.promises[name]
  fs.promises[name] = (...args) => {
    count()
    return real.apply(fs.promises, args)
  }
}
