import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import type {BackgroundClient} from '../../control/background/daemon/background-client.ts'
import type {SessionStanding} from '../../control/background/session-standing.ts'
import type {SessionAnswers} from '../../control/session-client.ts'
import {TransferError} from '../../engine/index.ts'
import {runCommand} from '../run-command.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {standsStill} from '../transfer/stands-still.ts'
import {findProfile} from './stored-session.ts'
import {nameOf, reportSession, warner} from './tell-processes.ts'

const attempts = 3
const mostIds = 5

const flags = {
  cancel: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'Also end the transfers it has, for good: nothing of them stays on disk.'
  },
  ...resultFlags
} as const satisfies FlagTable

export const invalidate: CommandDeclaration = {
  id: 'sessions:invalidate',
  summary: 'Let the running processes of a session take no new transfers in it.',
  description:
    'Transfers that they have already go on to their end, and nobody waits for them here; --cancel ends them with 115. ' +
    'Only processes that run now are meant: the session can be used again by the next command. Of a background session ' +
    'the background service is meant, whether it runs or not: new transfers are refused with 112 until those it has are ' +
    'done, and then the name can be used again. The sessions shared and ephemeral cannot be invalidated.',
  operand: {name: 'NAME', summary: 'the session', count: 'one'},
  examples: [
    {description: 'Let it run dry', command: 'ferry sessions invalidate work'},
    {description: 'End everything that runs in it', command: 'ferry sessions invalidate work --cancel'},
    {
      description: 'Give up all background transfers',
      command: 'ferry sessions invalidate background --cancel'
    }
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        const session = nameOf(operands)
        const answers = await askFor(session, {
          existing: given.cancel ? 'cancel' : 'finish',
          warn: warner(given)
        })
        if (!given.cancel) await warnOfResting(session, warner(given))
        const tasks = answers.processes.reduce((sum, process) => sum + process.tasks, 0)
        const fate = given.cancel ? 'cancelled' : 'finishing'
        const transfers = tasks === 1 ? '1 transfer' : `${tasks} transfers`
        return reportSession(
          {session, sentence: `invalidated ${session}, ${transfers} ${fate}`, answers},
          given
        )
      }
    })
}

// What stands still would keep the name for ever.
async function warnOfResting(session: string, warn: (sentence: string) => void): Promise<void> {
  const {tasks} = await openControlDesk().client.tasks()
  const ids = tasks.filter(task => task.session === session && standsStill(task)).map(({id}) => id)
  if (ids.length === 0) return
  const [shown, rest] = [ids.slice(0, mostIds).join(' '), ids.length - mostIds]
  const which = rest > 0 ? `${shown} and ${rest} more` : shown
  warn(
    `${session} takes no new transfers before these have ended, and they stand still: ${which}; ferry resume lets them go ` +
      'on, ferry cancel ends them'
  )
}

interface Invalidation {
  readonly existing: 'cancel' | 'finish'
  readonly warn: (sentence: string) => void
}

// A daemon that goes away while it is asked leaves it open what it has done: the next one is asked the same.
async function askFor(session: string, {existing, warn}: Invalidation): Promise<SessionAnswers> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const daemon = await awakened(session, warn)
    const answers = await openControlDesk().sessions.invalidate(session, existing)
    if (daemon === null || !answers.silent.includes(daemon)) return answers
  }
  throw new TransferError('DAEMON_UNREACHABLE', `The background service does not answer for ${session}`, {
    hint: `Say it again, when it does: ferry daemon status. What is done already stays so.`
  })
}

/**
 * The process of the daemon, where it has the session. Unfinished tasks of a background session are there without a process;
 * one that has none has nothing to be told. Throws SESSION_UNKNOWN.
 */
async function awakened(session: string, warn: (sentence: string) => void): Promise<number | null> {
  const client = openBackground()
  const standing = await standingOf(session, client)
  if (!standing) await findProfile(session, warn)
  if (!standing || standing.daemon.pid !== null) return standing?.daemon.pid ?? null
  const {waiting, running, held} = standing.daemon.tasks
  if (waiting + running + held === 0) return null
  await client.wake()
  return (await standingOf(session, client))?.daemon.pid ?? null
}

async function standingOf(session: string, client: BackgroundClient): Promise<SessionStanding | undefined> {
  return (await client.sessions()).find(({identifier}) => identifier === session)
}
