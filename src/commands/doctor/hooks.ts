import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {Hooks} from '../transfer/hooks/hook.ts'
import {finding, warning} from './finding.ts'
import type {Finding} from './finding.ts'

/** Who decides in the place of the defaults, and whether their programs are there. */
export function inspectHooks(hooks: Hooks, path: string): readonly Finding[] {
  const chosen = Object.values({...hooks})
  return [...new Set(chosen.filter(hook => hook !== undefined))].map(({name, command: {program}}) =>
    isThere(program, path)
      ? finding('session', 'note', `${name} runs ${program}`)
      : warning(
          'session',
          `${name}: there is no such program as ${program}; a transfer that has to ask it ends with 113`,
          'Name a program by its path, or one that the PATH finds.'
        )
  )
}

// Windows knows programs by endings that the name need not have.
function isThere(program: string, path: string): boolean {
  if (process.platform === 'win32') return true
  const places = program.includes('/')
    ? [program]
    : path.split(delimiter).map(folder => join(folder, program))
  return places.some(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
