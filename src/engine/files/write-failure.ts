import {TransferError} from '../transfer-error.ts'

const noSpace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than allowed here',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EIO: 'the device reports an error',
  ENAMETOOLONG: 'the name is too long'
}

/** Errors of the local disk as ours; the one place that knows their numbers. */
export function writeFailure(error: unknown, path: string): TransferError {
  if (error instanceof TransferError) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  return new TransferError(
    noSpace.has(code) ? 'NO_SPACE' : 'WRITE_FAILED',
    `Cannot write ${path}: ${reason}`,
    {
      cause: error
    }
  )
}

/** Runs a step on the disk and translates what it throws. */
export async function onDisk<Result>(path: string, step: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    throw writeFailure(error, path)
  }
}
