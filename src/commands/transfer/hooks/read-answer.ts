/** The one object that a hook printed on one line, or undefined: no output, more than a line, no JSON, no object. */
export function readAnswer(output: string): Answer | undefined {
  const line = output.replace(/\r?\n$/, '')
  if (line.includes('\n')) return undefined
  try {
    const parsed: unknown = JSON.parse(line)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? new Map(Object.entries(parsed)) : undefined
  } catch {
    return undefined
  }
}

/** The fields of an answer, by their names. */
export type Answer = ReadonlyMap<string, unknown>

/** The decision of an answer that has nothing beside it, where it is one of those known. */
export function plainDecision<D extends string>(answer: Answer, known: readonly D[]): D | undefined {
  return answer.size === 1 ? known.find(each => each === answer.get('decision')) : undefined
}
