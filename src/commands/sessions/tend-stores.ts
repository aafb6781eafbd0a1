import type {CommandDeclaration} from '../../cli/command.ts'
import {runCommand} from '../run-command.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {findProfile, withStores} from './stored-session.ts'
import {nameOf, nobody, reportSession, warner} from './tell-processes.ts'

/** What can be done to all that a session remembers, and how it is told. */
const operations = {
  flush: {purpose: 'flush', done: 'flushed'},
  reset: {purpose: 'forget', done: 'reset'}
} as const

/** Flushes or resets a session: in the processes that have it, and on disk (R61-R63). */
export function tendStores(
  operation: keyof typeof operations,
  argv: readonly string[]
): ReturnType<CommandDeclaration['run']> {
  const {purpose, done} = operations[operation]
  return runCommand({
    argv,
    flags: resultFlags,
    perform: async ({flags: given, operands}) => {
      const session = nameOf(operands, 'shared')
      const warn = warner(given)
      const profile = await findProfile(session, warn)
      if (profile.kind === 'ephemeral') {
        const sentence = `${session} keeps nothing outside its own process: there is nothing to ${purpose}`
        return reportSession({session, sentence, answers: nobody}, given)
      }
      // The processes first: what one of them still had in memory must not come back to disk afterwards.
      const answers = await openControlDesk().sessions[operation](session)
      await withStores(
        profile,
        error => warn(error.message),
        stored => stored[operation]()
      )
      return reportSession({session, sentence: `${done} ${session}`, answers}, given)
    }
  })
}
