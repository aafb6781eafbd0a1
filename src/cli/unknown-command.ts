import type {TransferError} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

/** The error for a first word that is neither a command nor an address. */
export function unknownCommand({word, near}: {word: string; near: string | undefined}): TransferError {
  const shown = JSON.stringify(word)
  return near === undefined
    ? usageError(`${shown} is neither a command nor an address`, 'See the commands with: ferry --help')
    : usageError(`${shown} is no command`, `Did you mean: ferry ${near}`)
}
