import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {assertValue} from '../profiles/check-value.ts'
import {parseKeyPath} from '../profiles/key-path.ts'
import type {KeyPath} from '../profiles/key-path.ts'
import {headerReference} from '../profiles/secret.ts'
import type {Setting} from '../profiles/settings.ts'
import {parseDuration} from './parse-duration.ts'
import {parseSize} from './parse-size.ts'
import {shellWord} from './shell-word.ts'
import {usageError} from './usage-error.ts'

/** Reads KEY=VALUE; null is for the default. Throws USAGE or CONFIGURATION_REFUSED. */
export function readKeyValue(word: string): Setting {
  const equals = word.indexOf('=')
  if (equals < 1) throw usageError('A key is set as KEY=VALUE', 'For example: timeouts.idle=30')
  const [name, text] = [word.slice(0, equals).trim(), word.slice(equals + 1)]
  return text.trim() === 'null' ? {key: parseKeyPath(name).key, value: undefined} : readSetting(name, text)
}

/**
 * Reads the text of a key's value: times and sizes as flags have them, lists with commas or as JSON. Paths become absolute,
 * because the session is used in other folders. Throws CONFIGURATION_REFUSED.
 */
export function readSetting(name: string, text: string): Setting {
  const at = parseKeyPath(name)
  const value = read(at, text)
  assertValue(at, value)
  return {key: at.key, value}
}

// What cannot be read stays the text it is, which no such key accepts.
function read({path, definition}: KeyPath, text: string): unknown {
  const trimmed = text.trim()
  switch (definition.type.form) {
    case 'seconds':
      return parseDuration(trimmed) ?? text
    case 'bytes':
      return parseSize(trimmed) ?? text
    case 'number':
    case 'choice':
      return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed
    case 'switch':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : text
    case 'text':
      return trimmed
    case 'list':
      return readList(trimmed)
    case 'path':
      return trimmed === 'none' ? trimmed : absolute(trimmed)
    case 'paths': {
      const list = readList(trimmed)
      return Array.isArray(list) ? list.map(each => absolute(String(each))) : list
    }
    case 'secret':
      return lasting(trimmed)
    case 'command':
      return anchored(trimmed)
    case 'header':
      return readHeader(path.at(-1) ?? '', trimmed)
  }
}

function readList(text: string): unknown {
  if (!text.startsWith('[')) {
    return text === '' ? [] : text.split(',').map(each => each.trim())
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    // An IPv6 address begins like a list of JSON.
    return text.split(',').map(each => each.trim())
  }
}

function readHeader(name: string, value: string): string {
  const found = headerReference(name, value)
  return found ? found.scheme + lasting(found.reference) : value
}

function lasting(reference: string): string {
  return reference.startsWith('@') && reference.length > 1 ? `@${absolute(reference.slice(1))}` : reference
}

// A program beside the folder of today would be another one tomorrow; a name that the PATH finds stays as it is.
function anchored(command: string): string {
  const [, program = '', rest = ''] = /^([^\s'"\\]*\/[^\s'"\\]*)(.*)$/s.exec(command) ?? []
  if (program === '' || isAbsolute(program)) return command
  const path = absolute(program)
  return `${shellWord(path)}${rest}`
}

// Shells leave a ~ behind an = as it is.
function absolute(path: string): string {
  if (path === '') return path
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path)
}
