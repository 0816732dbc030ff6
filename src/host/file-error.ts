import { quote } from '../core/printable.ts'
import { ActionError, type ErrorCode } from '../errors.ts'
import { codeOf } from './network-error.ts'

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'is a folder',
  EIO: 'input/output error',
  ELOOP: 'too many links',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'larger than files may be here',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'its name is too long',
}

/** An error about a path, with the system's reason in words. */
export function fileError(code: ErrorCode, path: string, what: string, cause?: unknown): ActionError {
  const system = codeOf(cause)
  const reason = system === '' ? '' : `: ${WORDS[system] ?? 'failed'} (${system})`
  return new ActionError(code, `${quote(path)} ${what}${reason}`, cause === undefined ? {} : { cause })
}
