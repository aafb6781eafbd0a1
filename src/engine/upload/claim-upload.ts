import type {UploadOrigin, UploadOptions} from '../upload-task.ts'
import {TransferError} from '../transfer-error.ts'
import type {URLRequest} from '../url-request.ts'

export interface ResumeUploadOptions {
  /** Headers to send beside the stored ones: resume data holds no secrets. */
  readonly headers?: URLRequest['headers']
  /** restart: send from zero where it cannot be continued. Default: refuse. */
  readonly whenLost?: 'refuse' | 'restart'
  /** What to change of the stored options. */
  readonly options?: Partial<UploadOptions>
}

/**
 * Checks resume data of an upload without changing anything, or asking anybody. Only data that this user signed: what
 * names a file to send must not come from a stranger (P11).
 */
export async function claimUploadResumeData(
  file: string,
  _options: ResumeUploadOptions & {key: Uint8Array | undefined}
): Promise<Omit<UploadOrigin, 'id'>> {
  throw new TransferError('RESUME_DATA_INVALID', `Uploads are being built (${file})`)
}
