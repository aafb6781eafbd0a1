import {parseInteger} from './structured-field.ts'

/** How many bytes an upload has as a whole (draft-ietf-httpbis-resumable-upload, Upload-Length). */
export function parseUploadLength(value: string): number | undefined {
  const length = parseInteger(value)
  return length === undefined || length < 0 ? undefined : length
}

/** The field's value for a number of bytes. */
export function formatUploadLength(length: number): string {
  return String(length)
}
