/** Says of an upload that it is one part of another one (tus 1.0.0, Upload-Concat). */
export const partialUpload = 'partial'

/** Makes one upload of parts, in this order; their addresses hold no blanks (RFC 3986). */
export function formatFinalUpload(parts: readonly string[]): string {
  return `final;${parts.join(' ')}`
}
