import type {FormField} from '../engine/index.ts'
import {readContent} from './read-content.ts'
import type {GivenFlag} from './read-words.ts'
import {usageError} from './usage-error.ts'

/** What -F says of one field; several files of one name become several fields (RFC 7578, 4.3). */
export interface FormArgument {
  readonly name: string
  readonly parts: readonly FormPart[]
}

export interface FormPart {
  /** text: as it is; file: sent as a file; content: the content of the file, sent as a value. */
  readonly kind: 'text' | 'file' | 'content'
  /** The text, or the path; - is standard input. */
  readonly value: string
  readonly contentType?: string
  readonly fileName?: string
}

/** Those of the given flags that make up the form, in order. */
export function fieldsAmong(given: readonly GivenFlag[]): readonly GivenFlag[] {
  return given.filter(({name}) => name === 'form' || name === 'form-string')
}

/** Reads -F and --form-string. Rejects with USAGE, never with a value in the message, or READ_FAILED. */
export async function readForm(given: readonly GivenFlag[]): Promise<readonly FormField[]> {
  const fields: FormField[] = []
  for (const {name: flag, value} of given) {
    const {name, parts} = flag === 'form' ? parseFormArgument(value) : literalField(value)
    for (const part of parts) fields.push(await fieldOf(name, part))
  }
  return fields
}

async function fieldOf(name: string, {kind, value, ...facts}: FormPart): Promise<FormField> {
  if (kind === 'text') return {name, value: {kind: 'text', text: value}, ...facts}
  if (kind === 'content') return {name, value: {kind: 'data', data: await readContent('-F', value)}, ...facts}
  if (value !== '-') return {name, value: {kind: 'file', path: value}, ...facts}
  return {name, value: {kind: 'data', data: await readContent('-F', value)}, fileName: '-', ...facts}
}

function literalField(given: string): FormArgument {
  const {name, content} = splitName('--form-string', given)
  return {name, parts: [{kind: 'text', value: content}]}
}

function splitName(flag: string, given: string): {name: string; content: string} {
  const equals = given.indexOf('=')
  if (equals < 1) throw usageError(`${flag} needs NAME=VALUE`, 'For a file: -F NAME=@FILE')
  return {name: given.slice(0, equals), content: given.slice(equals + 1)}
}

/** Reads one -F as curl does; what curl drops with a warning is refused. Throws USAGE. */
export function parseFormArgument(given: string): FormArgument {
  const {name, content} = splitName('-F', given)
  if (content.startsWith('(')) {
    throw usageError('-F: forms within forms are not made', 'For a value that begins so: --form-string')
  }
  const reading = {rest: content.replace(/^[@<]/, '')}
  if (content.startsWith('@')) {
    const parts = [readPart(reading, 'file')]
    while (reading.rest.startsWith(',')) {
      reading.rest = reading.rest.slice(1)
      parts.push(readPart(reading, 'file'))
    }
    return {name, parts}
  }
  return {name, parts: [readPart(reading, content.startsWith('<') ? 'content' : 'text')]}
}

interface Reading {
  rest: string
}

function readPart(reading: Reading, kind: FormPart['kind']): FormPart {
  const end = kind === 'file' ? ',' : ''
  const value = readWord(reading, end)
  if (kind !== 'text' && value === '') throw usageError('-F: the name of the file is missing')
  const facts: {contentType?: string; fileName?: string} = {}
  while (reading.rest.startsWith(';')) {
    reading.rest = reading.rest.slice(1).trimStart()
    readParameter(reading, {end, facts})
  }
  return {kind, value, ...facts}
}

interface Parameter {
  readonly end: string
  readonly facts: {contentType?: string; fileName?: string}
}

function readParameter(reading: Reading, {end, facts}: Parameter): void {
  const [given = '', name = ''] = /^(type|filename)=/i.exec(reading.rest) ?? []
  reading.rest = reading.rest.slice(given.length)
  switch (name.toLowerCase()) {
    case 'type':
      facts.contentType = readType(reading, end)
      return
    case 'filename':
      facts.fileName = readWord(reading, end)
      return
    default:
      throw usageError(
        '-F: what stands behind a ; is neither type= nor filename=',
        'A value with a ; in it goes into double quotes inside the word, or behind --form-string.'
      )
  }
}

const control = /[\x00-\x08\x0A-\x1F\x7F]/

// A type has parameters of its own: they end where the next one of the flag begins.
function readType(reading: Reading, end: string): string {
  const stop = end === '' ? /;\s*(?:type|filename)=/i : /;\s*(?:type|filename)=|,/i
  const length = stop.exec(reading.rest)?.index ?? reading.rest.length
  const type = reading.rest.slice(0, length).trim()
  reading.rest = reading.rest.slice(length)
  if (/^[^\s/;]+\/[^\s/;]+(?:\s*;.*)?$/.test(type) && !control.test(type)) return type
  throw usageError('-F: type= needs a media type such as text/plain')
}

// In double quotes everything up to the closing one counts, \" and \\ being escapes.
function readWord(reading: Reading, end: string): string {
  const text = reading.rest.trimStart()
  const quoted = /^"((?:\\[\\"]|[^"])*)"/.exec(text)
  if (quoted) {
    reading.rest = text.slice(quoted[0].length).trimStart()
    if (reading.rest === '' || reading.rest.startsWith(';') || (end !== '' && reading.rest.startsWith(end)))
      return (quoted[1] ?? '').replace(/\\([\\"])/g, '$1')
    throw usageError('-F: there is something behind the closing double quote')
  }
  const length = text.search(end === '' ? /;/ : /[;,]/)
  const word = length < 0 ? text : text.slice(0, length)
  reading.rest = text.slice(word.length)
  return word.trimEnd()
}
