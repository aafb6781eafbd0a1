/** The checksum of one request's content (tus 1.0.0, Upload-Checksum), from its base64. */
export function formatUploadChecksum({algorithm, base64}: {algorithm: string; base64: string}): string {
  return `${algorithm} ${base64}`
}
