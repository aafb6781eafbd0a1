import {onTestFinished, vi} from 'vitest'
import {
  answerBackground,
  roomForBackground
} from '../../../src/control/background/protocol/answer-background.ts'
import {AttachDesk} from '../../../src/control/background/protocol/attach-desk.ts'
import {BackgroundClient} from '../../../src/control/background/daemon/background-client.ts'
import {openDaemonSocket} from '../../../src/control/background/daemon/daemon-socket.ts'
import {controlToken} from '../../../src/control/control-token.ts'
import {daemonAddress} from '../../../src/control/endpoint-address.ts'
import {openEndpoint} from '../../../src/control/endpoint.ts'
import type {Endpoint} from '../../../src/control/endpoint.ts'
import {resolvePlaces} from '../../../src/control/places.ts'
import type {Places} from '../../../src/control/places.ts'
import {patience} from '../../scratch/patience.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

/** A line of an attached client, as far as tests look at it. */
export interface Line {
  readonly v: number
  readonly seq: number
  readonly event: string
  readonly session: string
  readonly task: string | null
  readonly token?: string
  readonly error?: unknown
}

/** A dispatcher behind the doors of a daemon, and a client in front of them. */
export interface AttachStage {
  readonly daemon: DispatcherStage
  readonly places: Places
  readonly endpoint: Endpoint
  readonly client: BackgroundClient
  /** How often the client wanted a daemon to be started. */
  readonly starts: () => number
  /** Attaches to a session, with a client of its own. */
  readonly attach: (session?: string) => AttachedClient
}

/** Patience: milliseconds that an attached client may take nothing. */
export async function attachStage(facts: {readonly patience?: number} = {}): Promise<AttachStage> {
  const daemon = await dispatcherStage()
  const places = resolvePlaces({FERRY_HOME: daemon.folder}, process.platform, process.getuid?.())
  const {dispatcher: work, journal} = daemon
  const report = (error: unknown): void => void daemon.reports.push(error)
  const attachments = new AttachDesk({journal, work, report})
  const endpoint = await openEndpoint({
    roll: work.roll,
    sessions: work.sessions,
    places,
    token: await controlToken(places.state),
    keeper: 'daemon',
    ownVerb: asked => answerBackground(asked, {journal, work, attachments}),
    roomFor: roomForBackground,
    ...facts
  })
  const door = await openDaemonSocket({kind: 'path', ...daemonAddress(places.runtime)}, endpoint.desk)
  onTestFinished(async () => {
    await door.close(endpoint.desk)
    await endpoint.close()
  })
  let starts = 0
  const start = async (): Promise<void> => {
    starts += 1
    throw new Error('no daemon is started here')
  }
  const client = new BackgroundClient({places, start})
  const attach = (session = 'background'): AttachedClient => new AttachedClient(client, session)
  return {daemon, places, endpoint, client, starts: () => starts, attach}
}

/** Somebody who is attached, and what they have heard. */
export class AttachedClient {
  readonly lines: Line[] = []
  /** Settles as the attachment ends. */
  readonly ended: Promise<void>
  readonly #leaving = new AbortController()

  constructor(client: BackgroundClient, session: string) {
    this.ended = this.#listen(client.attach(session, this.#leaving.signal))
    this.ended.catch(() => {})
    onTestFinished(() => this.leave())
  }

  /** The lines that tell of this. */
  of(event: string): readonly Line[] {
    return this.lines.filter(line => line.event === event)
  }

  /** Those that are kept in the journal. */
  get journalled(): readonly Line[] {
    return this.lines.filter(({event}) => !['task.progress', 'session.eventsFinished'].includes(event))
  }

  /** Resolves with the token when nothing waits or runs any more, for the first time or once more. */
  async finished(times = 1): Promise<string> {
    await this.until(() => this.of('session.eventsFinished').length >= times)
    return this.of('session.eventsFinished').at(-1)?.token ?? ''
  }

  async until(condition: () => boolean): Promise<void> {
    await vi.waitUntil(condition, patience)
  }

  leave(): void {
    this.#leaving.abort()
  }

  async #listen(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) this.lines.push(JSON.parse(line) as Line)
  }
}
