import type {TransferError} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

/** What it is called elsewhere. */
const meant: ReadonlyMap<string, string> = new Map([
  ['put', 'upload'],
  ['post', 'upload'],
  ['send', 'upload'],
  ['push', 'upload'],
  ['download', 'get'],
  ['fetch', 'get'],
  ['pull', 'get'],
  ['list', 'tasks'],
  ['ls', 'tasks'],
  ['ps', 'tasks'],
  ['jobs', 'tasks'],
  ['status', 'tasks'],
  ['stop', 'pause'],
  ['continue', 'resume'],
  ['start', 'resume'],
  ['abort', 'cancel'],
  ['kill', 'cancel'],
  ['rm', 'cancel'],
  ['remove', 'cancel'],
  ['service', 'daemon'],
  ['config', 'sessions'],
  ['profiles', 'sessions']
])

/** The error for a first word that is neither a command nor an address. */
export function unknownCommand({word, near}: {word: string; near: string | undefined}): TransferError {
  const shown = JSON.stringify(word)
  const command = meant.get(word) ?? near
  return command === undefined
    ? usageError(`${shown} is neither a command nor an address`, 'See the commands with: ferry --help')
    : usageError(`${shown} is no command`, `Did you mean: ferry ${command}`)
}
