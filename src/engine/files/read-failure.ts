import {TransferError} from '../transfer-error.ts'

interface Explanation {
  readonly why: string
  readonly hint: string
}

const denied: Explanation = {
  why: 'permission denied',
  hint: 'Let this user read it, or send it as its owner.'
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOENT: {why: 'it is not there', hint: 'Check the path: nothing has been sent.'},
  ENOTDIR: {why: 'a part of the path is not a folder', hint: 'Check the path: nothing has been sent.'},
  EISDIR: {why: 'it is a folder', hint: 'Name the files in it, or pack it first, with tar for example.'},
  EACCES: denied,
  EPERM: denied,
  ELOOP: {why: 'its links lead round in a circle', hint: 'Name the file itself.'},
  ENAMETOOLONG: {why: 'the name is too long', hint: 'Check the path: nothing has been sent.'},
  ENXIO: {why: 'it is a socket, which cannot be opened by its name', hint: 'Send it through a pipe.'},
  EMFILE: {why: 'too many files are open', hint: 'Send fewer files at once, or raise the limit (ulimit -n).'},
  ENFILE: {why: 'the system has too many files open', hint: 'Try again when fewer programs run.'},
  EIO: {why: 'the device reports an error', hint: 'Copy the file to another disk, and check this one.'},
  ESTALE: {why: 'the server that it is on has another file there now', hint: 'Send it again.'}
}

/** Errors of reading a file as ours; the one place that knows their numbers. */
export function readFailure(error: unknown, path: string): TransferError {
  if (error instanceof TransferError) return error
  const hint = explanationOf(error)?.hint ?? 'Check that the file can be read.'
  return new TransferError('READ_FAILED', `Cannot read ${path}: ${whyUnreadable(error)}`, {
    hint,
    cause: error
  })
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  return explanationOf(error)?.why ?? (error instanceof Error ? error.message : String(error))
}

function explanationOf(error: unknown): Explanation | undefined {
  return explanations[(error as NodeJS.ErrnoException).code ?? '']
}
