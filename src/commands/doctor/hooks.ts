import type {Hooks} from '../transfer/hooks/hook.ts'
import {isProgram} from '../transfer/hooks/is-program.ts'
import {finding, warning} from './finding.ts'
import type {Finding} from './finding.ts'

/** Who decides in the place of the defaults, and whether their programs are there. */
export function inspectHooks(hooks: Hooks, path: string): readonly Finding[] {
  const chosen = Object.values({...hooks})
  return [...new Set(chosen.filter(hook => hook !== undefined))].map(({name, command: {program}}) =>
    isProgram(program, path)
      ? finding('session', 'note', `${name} runs ${program}`)
      : warning(
          'session',
          `${name}: there is no such program as ${program}; a transfer that has to ask it ends with 113`,
          'Name a program by its path, or one that the PATH finds.'
        )
  )
}
