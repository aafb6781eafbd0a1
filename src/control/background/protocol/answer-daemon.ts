import {version} from '../../../engine/index.ts'
import type {Answer, Asked} from '../../answer-request.ts'
import type {Places} from '../../places.ts'
import {thisProcess} from '../../process-identity.ts'
import {checked} from '../../request-body.ts'
import {daemonLogPath, journalPath} from '../background-folder.ts'
import type {DaemonFacts} from '../daemon-facts.ts'
import type {Journal} from '../journal.ts'

/** What the verbs about the daemon itself need. */
export interface DaemonAnswering {
  readonly places: Pick<Places, 'state'>
  readonly journal: Pick<Journal, 'counts'>
  readonly started: Date
  readonly idleSince: () => Date | undefined
  readonly leave: (why: 'stop' | 'cancel') => void
}

/** The daemon's own verbs: what it is, and an end; undefined for any other. */
export function answerDaemon(asked: Asked, answering: DaemonAnswering): Promise<Answer> | undefined {
  if (asked.method === 'GET' && asked.url === '/daemon') return Promise.resolve(tell(answering))
  if (asked.method === 'POST' && asked.url === '/daemon/stop') return stop(asked.body, answering)
  return undefined
}

function tell(answering: DaemonAnswering): Answer {
  const {places, journal, started, idleSince} = answering
  const facts: DaemonFacts = {
    pid: process.pid,
    startTime: thisProcess().startTime ?? null,
    version,
    started: started.toISOString(),
    idleSince: idleSince()?.toISOString() ?? null,
    tasks: journal.counts(),
    memory: process.memoryUsage.rss(),
    log: daemonLogPath(places.state),
    journal: journalPath(places.state),
    resources: process.getActiveResourcesInfo()
  }
  return {status: 200, body: facts}
}

// The answer is on its way before the end begins: who asked looks at the process from then on.
async function stop(body: unknown, {leave}: DaemonAnswering): Promise<Answer> {
  const {stopBody} = await import('./daemon-schemas.ts')
  const {cancel} = await checked(stopBody, body)
  setImmediate(leave, cancel ? 'cancel' : 'stop')
  return {status: 200, body: {pid: process.pid}}
}
