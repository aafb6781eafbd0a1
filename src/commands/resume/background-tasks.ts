import {existsSync} from 'node:fs'
import {usageError} from '../../cli/usage-error.ts'
import {journalPath} from '../../control/background/background-folder.ts'
import type {ControlClient} from '../../control/control-client.ts'
import type {ListedTask} from '../../control/task-record.ts'
import {TransferError} from '../../engine/index.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {findResumeData, isPath, nothingLeft} from '../transfer/find-resume-data.ts'
import {placesOfUser} from '../transfer/places-of-user.ts'
import {standsStill} from '../transfer/stands-still.ts'

/** What the words of resume stand for. */
export interface Resumed {
  /** Tasks of background sessions that stand still without an end: they go on as themselves (T12). */
  readonly held: readonly ListedTask[]
  /** What goes on as a new task: words as they were given, and of background tasks the paths of their resume data. */
  readonly operands: readonly string[]
  /** The background session that those belong to; undefined = to none. */
  readonly session: string | undefined
}

/**
 * Tells the tasks of background sessions from the others. Rejects with BUSY for what goes on anyway, NOT_RESUMABLE for what
 * has left nothing, TASK_UNKNOWN, USAGE where not all can go on in one session.
 */
export async function tellApart(words: readonly string[]): Promise<Resumed> {
  const {client} = openControlDesk()
  const found = await Promise.all(words.map(async word => ({word, task: await backgroundTask(word, client)})))
  const held = found.flatMap(({task}) => (task && standsStill(task) ? [task] : []))
  const others = found.filter(({task}) => !task || !standsStill(task))
  const sessions = new Set(others.map(({task}) => task?.session))
  if (sessions.size > 1) {
    // What is nowhere belongs to no session.
    for (const {word, task} of others) if (!task) await findResumeData(word)
    throw usageError(
      'These transfers belong to different sessions',
      'Resume those of each session by themselves.'
    )
  }
  const operands = others.map(({word, task}) => (task ? resumeDataOf(task) : word))
  return {held, operands, session: [...sessions][0]}
}

/** The error to show where tasks could not go on in their session: of one that was removed, it names another. */
export function sayWhereElse(error: unknown, {session}: Resumed): unknown {
  if (session === undefined || !(error instanceof TransferError) || error.code !== 'SESSION_UNKNOWN')
    return error
  return new TransferError(
    'SESSION_UNKNOWN',
    `The session ${session} was removed after it had been handed this`,
    {
      hint: 'Let it go on in another one: ferry resume --background ID, or with --session NAME',
      cause: error
    }
  )
}

async function backgroundTask(word: string, client: ControlClient): Promise<ListedTask | undefined> {
  const {state} = placesOfUser()
  if (isPath(word) || !existsSync(journalPath(state))) return undefined
  try {
    const {listed, keeper} = await client.find(word)
    return keeper === 'daemon' ? listed : undefined
  } catch (error) {
    // A file may be called so.
    if (error instanceof TransferError && error.code === 'TASK_UNKNOWN') return undefined
    throw error
  }
}

function resumeDataOf(task: ListedTask): string {
  const {id, state, resumeData} = task
  if (state === 'running' || state === 'waiting') {
    throw new TransferError('BUSY', `Task ${id} is ${state} in the background: it goes on by itself`, {
      hint: `Wait for it with: ferry wait ${id}`
    })
  }
  if (resumeData !== null) return resumeData
  throw nothingLeft(task)
}
