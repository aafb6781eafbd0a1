import {parseInteger} from './structured-field.ts'

/** How many bytes of an upload have been processed (draft-ietf-httpbis-resumable-upload, Upload-Offset). */
export function parseUploadOffset(value: string): number | undefined {
  const offset = parseInteger(value)
  return offset === undefined || offset < 0 ? undefined : offset
}

/** The field's value for a number of bytes. */
export function formatUploadOffset(offset: number): string {
  return String(offset)
}
