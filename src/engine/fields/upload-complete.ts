import {parseBoolean} from './structured-field.ts'

/** Is an upload whole (draft-ietf-httpbis-resumable-upload, Upload-Complete)? */
export function parseUploadComplete(value: string): boolean | undefined {
  return parseBoolean(value)
}

/** The field's value. */
export function formatUploadComplete(isComplete: boolean): string {
  return isComplete ? '?1' : '?0'
}
