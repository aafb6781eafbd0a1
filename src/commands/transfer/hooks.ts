import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import type {TransferFlags} from '../../cli/transfer-flags.ts'
import {TransferError} from '../../engine/index.ts'
import type {SessionDelegate} from '../../engine/index.ts'
import {headersObject} from '../../ui/events.ts'
import {maskUrl} from '../../ui/mask.ts'
import type {TaskRecord} from '../../ui/task-record.ts'

const patience = 30_000

/** Asks the commands of --on-redirect and --on-response for their decisions. */
export function hookDelegate(flags: TransferFlags): SessionDelegate {
  const {'on-redirect': onRedirect, 'on-response': onResponse} = flags
  return {
    ...(onRedirect === undefined
      ? {}
      : {
          willPerformRedirection: async (task, {request, response}) => {
            const facts = {
              status: response.status,
              from: maskUrl(response.url.href),
              to: maskUrl(request.url.href)
            }
            const event = {v: 1, event: 'task.redirect', task: task.id, ...facts}
            const decision = await decisionOf(onRedirect, event, ['follow', 'deny'])
            return decision === 'follow' ? request : undefined
          }
        }),
    ...(onResponse === undefined
      ? {}
      : {
          didReceiveResponse: async (task, response) => {
            const facts = {
              status: response.status,
              url: maskUrl(response.url.href),
              headers: headersObject(response.headers),
              part: null
            }
            const event = {v: 1, event: 'task.response', task: task.id, ...facts}
            return decisionOf(onResponse, event, ['allow', 'cancel', 'becomeDownload'])
          }
        })
  }
}

async function decisionOf<D extends string>(
  command: string,
  event: object,
  decisions: readonly D[]
): Promise<D> {
  const {answer, end} = await ask(command, event)
  const decision = readDecision(answer)
  const known = decisions.find(each => each === decision)
  if (known !== undefined) return known
  const how = end === undefined ? '' : ` and ${end}`
  throw new TransferError(
    'REFUSED',
    `The hook answered no decision${how}: ${decisions.join(' or ')} was expected`,
    {hint: `Let it print one line such as {"decision":"${decisions[0] ?? ''}"}.`}
  )
}

function readDecision(answer: string): unknown {
  try {
    const parsed: unknown = JSON.parse(answer.trim().split('\n')[0] ?? '')
    return typeof parsed === 'object' && parsed !== null && 'decision' in parsed ? parsed.decision : undefined
  } catch {
    return undefined
  }
}

interface Answered {
  readonly answer: string
  /** How the command ended, where that was no success. */
  readonly end: string | undefined
}

/** Runs the user's command with the facts on its standard input; resolves to what it prints. */
async function ask(command: string, facts: object): Promise<Answered> {
  const timeout = AbortSignal.timeout(patience)
  const child = spawn(command, {shell: true, stdio: ['pipe', 'pipe', 'inherit'], signal: timeout})
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `ended with ${code ?? signal ?? 'no code'}`)
    )
  })
  // A hook that does not read its input is not at fault.
  child.stdin.on('error', () => {})
  child.stdin.end(`${JSON.stringify(facts)}\n`)
  try {
    const [answer, end] = await Promise.all([text(child.stdout), ended])
    return {answer, end}
  } catch (cause) {
    if (timeout.aborted) throw new TransferError('TIMED_OUT', 'The hook gave no answer within 30 s', {cause})
    throw new TransferError('REFUSED', 'The hook could not be run', {cause})
  }
}

/** --on-complete: tells the command how a transfer ended. Its answer changes nothing; a failure of it is worth a word. */
export async function tellCompletion(command: string, record: TaskRecord): Promise<void> {
  const {end} = await ask(command, record)
  if (end !== undefined) throw new TransferError('REFUSED', `The command ${end}`)
}
