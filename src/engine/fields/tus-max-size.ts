/** Bytes that an upload may have as a whole (tus 1.0.0, Tus-Max-Size). */
export function parseTusMaxSize(value: string): number | undefined {
  const size = /^ *\d+ *$/.test(value) ? Number(value) : undefined
  return size !== undefined && Number.isSafeInteger(size) ? size : undefined
}
