export type ContentRange = {
  readonly first: number
  readonly last: number
  /** Size of the whole representation; undefined where the server wrote "*". */
  readonly completeLength: number | undefined
}

/** RFC 9110, 14.4: "bytes 200-999/1000". Undefined for any other unit, for junk, and for numbers that contradict each other. */
export function parseContentRange(value: string): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(value.trim())
  if (!match) return undefined
  const [first, last] = [Number(match[1]), Number(match[2])]
  const completeLength = match[3] === '*' ? undefined : Number(match[3])
  if (!Number.isSafeInteger(last) || first > last) return undefined
  if (completeLength === undefined) return {first, last, completeLength}
  if (!Number.isSafeInteger(completeLength) || last >= completeLength) return undefined
  return {first, last, completeLength}
}

// RFC 9110, 15.5.17: a 416 reply names the size as "bytes */1000".
export function parseUnsatisfiedRange(value: string): number | undefined {
  const match = /^bytes \*\/(\d+)$/i.exec(value.trim())
  if (!match) return undefined
  const completeLength = Number(match[1])
  return Number.isSafeInteger(completeLength) ? completeLength : undefined
}
