import type {ListedTask, TaskRecord} from './task-record.ts'

type Judge = (value: unknown) => boolean

const longestText = 64 * 1024
const isText: Judge = value => typeof value === 'string' && value.length <= longestText
const isCount: Judge = value => Number.isSafeInteger(value) && Number(value) >= 0
const isNumber: Judge = value => typeof value === 'number'
const isFlag: Judge = value => typeof value === 'boolean'
const isId: Judge = value => typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(value)
const isError: Judge = value => {
  const {code, message, exitCode} = Object(value) as Readonly<Record<string, unknown>>
  return isText(code) && isText(message) && isCount(exitCode) && Number(exitCode) <= 255
}

/** What null stands for as well. */
function orNull(isRight: Judge): Judge {
  return value => value === null || isRight(value)
}

function oneOf(...words: readonly string[]): Judge {
  const known: ReadonlySet<unknown> = new Set(words)
  return value => known.has(value)
}

const isAction = oneOf('pause', 'resume', 'cancel')

const recordParts: Readonly<Record<keyof TaskRecord, Judge>> = {
  id: isId,
  kind: oneOf('data', 'download', 'upload'),
  session: isText,
  url: isText,
  finalUrl: isText,
  state: oneOf('suspended', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'),
  status: orNull(isCount),
  path: orNull(isText),
  bytes: isCount,
  total: orNull(isCount),
  resumedFrom: orNull(isCount),
  restarted: isFlag,
  checksum: orNull(isText),
  durationMs: orNull(isNumber),
  error: orNull(isError),
  resumeData: orNull(isText),
  label: value => value === undefined || isText(value),
  source: value => value === undefined || orNull(isText)(value),
  earliestBegin: value => value === undefined || isText(value),
  waitsAfter: value => value === undefined || isError(value)
}
const listedParts: Readonly<Record<keyof ListedTask, Judge>> = {
  ...recordParts,
  pid: orNull(isCount),
  actions: value => Array.isArray(value) && value.every(isAction)
}
const [recordJudges, listedJudges] = [Object.entries(recordParts), Object.entries(listedParts)]

/** What a process says of its tasks. */
export interface ListedTasks {
  readonly tasks: readonly ListedTask[]
  /** Who it is: the background service says so; what a newer ferry may be besides is not that. */
  readonly keeper?: string
}

/**
 * The listing in an answer, or undefined for anything else. By hand: lists have thousands of tasks, for which a schema takes
 * as long as all the rest of listing them, and what reads schemas takes longer to load than to list a few.
 */
export function listedTasks(answer: unknown): ListedTasks | undefined {
  const {tasks, keeper} = Object(answer) as Readonly<Record<string, unknown>>
  if (!Array.isArray(tasks) || !tasks.every(isListedTask)) return undefined
  if (keeper === undefined) return {tasks}
  return isText(keeper) ? {tasks, keeper: String(keeper)} : undefined
}

/** Has it all that a record of a task has? A newer ferry may say more, and an older one passes it on. */
export function isTaskRecord(value: unknown): value is TaskRecord {
  return isMadeOf(value, recordJudges)
}

/** Has it all that a listed task has? */
export function isListedTask(value: unknown): value is ListedTask {
  return isMadeOf(value, listedJudges)
}

function isMadeOf(value: unknown, judges: readonly (readonly [string, Judge])[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const found = value as Readonly<Record<string, unknown>>
  return judges.every(([name, isRight]) => isRight(found[name]))
}
