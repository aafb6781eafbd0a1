import {adviceFor, forbiddenUpload} from '../../cli/advice.ts'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {Task, TaskOutcome, TransferError} from '../../engine/index.ts'
import {explainError} from '../../ui/error-report.ts'
import type {ResumeHint} from '../../ui/final-line.ts'
import {movedBy} from '../../ui/moved.ts'
import {printable} from '../../ui/printable.ts'
import {shownAddress} from '../../ui/shown-address.ts'
import {isUploadTask} from '../../ui/task-kind.ts'
import {formatBytes} from '../../ui/units.ts'
import {explainWithheldHeaders} from './withheld-headers.ts'

/** A task's end that went wrong. */
export interface Failed {
  readonly error: TransferError
  readonly task?: Task
  readonly outcome?: TaskOutcome
}

/** How a run speaks to a person. Lines must be printable. */
export interface Voice {
  readonly speech: OutputOptions['speech']
  readonly write: (line: string) => void
  readonly resumeHint: ResumeHint
}

/** Transfers that failed in the same way: each has a line of its own, what follows is said once. */
interface FailedAlike {
  readonly what: string[]
  readonly why: readonly string[]
}

// Beyond these, reports would bury each other; every task's own line and --json have the rest.
const mostReasons = 10
const mostNames = 5

/** Says things to a person, as much as was asked for. */
export class Speaker {
  readonly #voice: Voice

  constructor(voice: Voice) {
    this.#voice = voice
  }

  warn(message: string): void {
    const {speech, write} = this.#voice
    if (speech === 'all') write(`warning: ${printable(message)}`)
  }

  /** What to do next, although nothing has failed. */
  advise(sentence: string): void {
    const {speech, write} = this.#voice
    if (speech === 'all') write(`Next: ${sentence}`)
  }

  /** A plain sentence, where nothing is wrong. */
  note(sentence: string): void {
    const {speech, write} = this.#voice
    if (speech === 'all') write(printable(sentence))
  }

  /** For what the user asked to see (-v). */
  show(line: string): void {
    const {speech, write} = this.#voice
    if (speech !== 'nothing') write(line)
  }

  fail(failures: readonly Failed[]): void {
    const {speech, write, resumeHint} = this.#voice
    if (speech === 'nothing') return
    const groups = alike(failures.map(failed => explain(failed, resumeHint)))
    for (const {what, why} of groups.slice(0, mostReasons)) {
      for (const line of what.slice(0, mostNames)) write(`ferry: ${line}`)
      if (what.length > mostNames) write(`ferry: Failed: ${what.length - mostNames} more for the same reason`)
      for (const line of why) write(line)
    }
    const rest = groups.slice(mostReasons).reduce((sum, {what}) => sum + what.length, 0)
    if (rest > 0) write(`ferry: and ${rest} more failed; --json tells of each`)
  }
}

function alike(reports: readonly (readonly string[])[]): readonly FailedAlike[] {
  const groups = new Map<string, FailedAlike>()
  for (const [what = '', ...why] of reports) {
    const key = why.join('\n')
    const group = groups.get(key)
    if (group) group.what.push(what)
    else groups.set(key, {what: [what], why})
  }
  return [...groups.values()]
}

function shownUrl(task: Task | undefined, url: string | undefined): string | undefined {
  return task && url !== undefined ? shownAddress(task, url) : url
}

function explain({error, task, outcome}: Failed, resumeHint: ResumeHint): readonly string[] {
  const request = task?.currentRequest
  const facts = {
    ...error,
    message: error.message,
    url: shownUrl(task, error.url ?? request?.url.href),
    method: error.method ?? request?.method,
    hint: error.hint ?? (task && refusalHint(task, error))
  }
  const lines = explainError(facts, adviceFor)
  const hint = task && outcome && resumeHint(task, outcome)
  if (hint === undefined || !task) return lines
  return [...lines, wayOn(task, error, printable(hint))]
}

function refusalHint(task: Task, {status}: TransferError): string | undefined {
  if (status !== 401 && status !== 403) return undefined
  return explainWithheldHeaders(task) ?? (isUploadTask(task) && status === 403 ? forbiddenUpload : undefined)
}

function wayOn(task: Task, {code}: TransferError, command: string): string {
  if (code === 'NOT_RESUMABLE' || code === 'SOURCE_CHANGED') return `Begin again with: ${command} --restart`
  const what = isUploadTask(task) ? 'Sent' : 'Kept'
  return `${what}: ${formatBytes(movedBy(task).bytes)}; continue with: ${command}`
}
