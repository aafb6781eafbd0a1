export type ContentType = {
  /** "text/plain", in lower case. */
  readonly type: string
  /** By name in lower case; of equal names the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

const mediaType = /[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+/y
const parameterStart = /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=)?/y
const token = /[!#$%&'*+.^_`|~\w-]+/y

/** RFC 9110, 8.3.1. Strict about the type; parameters are read up to the first that breaks the grammar. */
export function parseContentType(value: string): ContentType | undefined {
  const text = value.trim()
  const type = matchAt(mediaType, text, 0)?.[0]
  if (type === undefined || !/^[ \t]*(?:;|$)/.test(text.slice(type.length))) return undefined
  return {type: type.toLowerCase(), parameters: readParameters(text, type.length)}
}

function readParameters(text: string, start: number): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  let position = start
  while (position < text.length) {
    const opening = matchAt(parameterStart, text, position)
    if (!opening) break
    position += opening[0].length
    if (opening[1] === undefined) continue
    const content = readValue(text, position)
    if (!content) break
    position = content.end
    const name = opening[1].toLowerCase()
    if (!parameters.has(name)) parameters.set(name, content.value)
  }
  return parameters
}

type Content = {readonly value: string; readonly end: number}

function readValue(text: string, start: number): Content | undefined {
  if (text[start] === '"') return readQuoted(text, start + 1)
  const value = matchAt(token, text, start)?.[0]
  return value === undefined ? undefined : {value, end: start + value.length}
}

function readQuoted(text: string, start: number): Content | undefined {
  let value = ''
  for (let end = start; end < text.length; end++) {
    if (text[end] === '"') return {value, end: end + 1}
    if (text[end] === '\\') end++
    value += text[end] ?? ''
  }
  return undefined
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position
  return pattern.exec(text) ?? undefined
}
