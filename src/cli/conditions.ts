import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {HeaderField} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

interface ConditionFlags {
  readonly 'time-cond'?: string
  readonly 'etag-compare'?: string
}

/** The preconditions that -z and --etag-compare ask for (RFC 9110, 13.1). */
export async function conditionHeaders(flags: ConditionFlags): Promise<readonly HeaderField[]> {
  const headers: HeaderField[] = []
  if (flags['time-cond'] !== undefined) headers.push(await timeCondition(flags['time-cond']))
  if (flags['etag-compare'] !== undefined) headers.push(await entityTagCondition(flags['etag-compare']))
  return headers
}

async function timeCondition(given: string): Promise<HeaderField> {
  const isOlder = given.startsWith('-')
  const text = given.replace(/^[-+]/, '')
  const file = await stat(text).catch(() => undefined)
  const time = file ? file.mtimeMs : Date.parse(text)
  if (Number.isNaN(time)) {
    throw usageError('-z needs a date such as 2026-03-01, or a file that exists')
  }
  return [isOlder ? 'If-Unmodified-Since' : 'If-Modified-Since', new Date(time).toUTCString()]
}

// A file that is not there yet is the first run of a script: an empty tag matches nothing, as in curl.
async function entityTagCondition(path: string): Promise<HeaderField> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const entityTag = text.trim().split(/\r?\n/).at(-1) ?? ''
  return ['If-None-Match', entityTag === '' ? '""' : entityTag]
}

/** --if-changed: only what is newer than the file that is here; nothing to compare with = fetch. */
export async function newerThan(directory: string, fileName: string): Promise<readonly HeaderField[]> {
  const file = await stat(join(directory, fileName)).catch(() => undefined)
  return file?.isFile() ? [['If-Modified-Since', new Date(file.mtimeMs).toUTCString()]] : []
}
