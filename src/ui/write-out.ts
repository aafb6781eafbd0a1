import {jsonText} from './json-text.ts'
import {headerValue} from '../engine/index.ts'
import {printable} from './printable.ts'
import {writeOutVariables} from './write-out-variables.ts'
import type {WriteOutFacts, WriteOutValue} from './write-out-variables.ts'

export type {WriteOutFacts} from './write-out-variables.ts'

/** The text for each stream. */
export interface WriteOut {
  readonly stdout: string
  readonly stderr: string
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\t', '\t'],
  ['%%', '%']
])

// curl's grammar: %{variable}, %header{name}, the escapes; everything else stands for itself.
const placeholder = /%\{([^}]*)\}|%header\{([^}]*)\}|\\[nrt]|%%/g

/** Fills curl's --write-out format. An unknown variable becomes nothing; a format that was @file is read by the caller. */
export function formatWriteOut(format: string, facts: WriteOutFacts): WriteOut {
  const variables = writeOutVariables(facts)
  const text = {stdout: '', stderr: ''}
  let stream: keyof WriteOut = 'stdout'
  let position = 0
  for (const match of format.matchAll(placeholder)) {
    text[stream] += format.slice(position, match.index)
    position = match.index + match[0].length
    const [whole, variable, header] = match
    if (variable === 'stdout' || variable === 'stderr') stream = variable
    else if (variable === 'onerror' && !facts.record.error) return text
    else if (variable !== undefined) text[stream] += shown(variable, variables, facts)
    else if (header !== undefined) text[stream] += headerText(header, facts)
    else text[stream] += escapes.get(whole) ?? ''
  }
  text[stream] += format.slice(position)
  return text
}

function shown(name: string, variables: ReadonlyMap<string, WriteOutValue>, facts: WriteOutFacts): string {
  if (name === 'json') return jsonText({...facts.record, ...Object.fromEntries(variables)})
  const value = variables.get(name)
  if (value === undefined || value === null) return ''
  if (name === 'http_code' || name === 'response_code') return String(value).padStart(3, '0')
  return typeof value === 'number' && name.startsWith('time_') ? value.toFixed(6) : String(value)
}

function headerText(name: string, facts: WriteOutFacts): string {
  const headers = facts.task.response?.headers ?? []
  return printable(headerValue(headers, name.toLowerCase()) ?? '')
}
