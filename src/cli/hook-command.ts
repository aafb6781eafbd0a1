import {parseHookCommand} from '../profiles/hook-command.ts'
import type {HookCommand} from '../profiles/hook-command.ts'
import {usageError} from './usage-error.ts'

export type {HookCommand} from '../profiles/hook-command.ts'

/** Reads the command of a hook. Throws USAGE where it is none, or where only a shell could run it. */
export function readHookCommand(name: string, text: string): HookCommand {
  const command = parseHookCommand(text)
  if (!('fault' in command)) return command
  const hint = `Let a shell run it: ${name} "sh -c '...'"; or keep the character as it is, with single quotes round it.`
  throw usageError(`${name}: ${command.fault}`, command.kind === 'shellNeeded' ? hint : undefined)
}
