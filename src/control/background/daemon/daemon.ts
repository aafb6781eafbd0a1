import {controlToken} from '../../control-token.ts'
import type {DoorPlace} from '../../door.ts'
import {openEndpoint} from '../../endpoint.ts'
import {ensurePrivateFolder} from '../../places.ts'
import type {Endpoint} from '../../endpoint.ts'
import type {Places} from '../../places.ts'
import {answerBackground, roomForBackground} from '../protocol/answer-background.ts'
import {answerDaemon} from '../protocol/answer-daemon.ts'
import {AttachDesk} from '../protocol/attach-desk.ts'
import {ownerPath} from '../background-folder.ts'
import {ensureDaemonFolders} from './daemon-folders.ts'
import {DaemonLife} from './daemon-life.ts'
import type {Leaving} from './daemon-life.ts'
import {findSocketPlace, openDaemonSocket} from './daemon-socket.ts'
import type {Journal} from '../journal.ts'
import {fileUnder} from '../journal/journal-whereabouts.ts'
import {hearKnocks, knock} from './knock.ts'
import {takeOwnership} from './ownership.ts'
import {endRevival} from './revival.ts'
import {readMark, setMark} from '../unfinished-mark.ts'
import type {Mark} from '../unfinished-mark.ts'
import type {Work} from '../work.ts'

/** What the process itself asks of the journal. */
export type DaemonJournal = Pick<
  Journal,
  'counts' | 'isPending' | 'close' | 'sessions' | 'task' | 'events' | 'acknowledged' | 'acknowledge' | 'token'
>

export interface DaemonOptions<J extends DaemonJournal = Journal> {
  readonly places: Pick<Places, 'runtime' | 'state'>
  /** Of the process: what systemd hands over is in it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds without work and clients after which it leaves. */
  readonly idleFor: number
  /** Writes a line to the log. */
  readonly say: (sentence: string) => void
  readonly openJournal: (folder: string) => Promise<J>
  /** changed: to be called whenever there is more or less to do, before whoever caused it is answered. */
  readonly makeWork: (facts: {readonly journal: J; readonly changed: () => void}) => Work
}

/** sysexits' EX_TEMPFAIL: there is work, and systemd has to start the next daemon. */
const startAgain = 75

/**
 * Is the daemon, until it has nothing to do or is told to leave. Resolves to its exit code: at once where another one is.
 * Throws what keeps it from beginning.
 */
export async function runDaemon<J extends DaemonJournal>(options: DaemonOptions<J>): Promise<number> {
  const {places, environment, say} = options
  const folder = await ensureDaemonFolders(places)
  const ownership = await takeOwnership(ownerPath(places.state))
  if (ownership === 'taken') {
    knock(ownerPath(places.state))
    say('leaves, because another daemon runs')
    return 0
  }
  try {
    const place = await findSocketPlace(places.runtime, environment)
    if (place.kind !== 'foreign')
      return await new Daemon(options, await options.openJournal(folder)).live(place)
    say('leaves, because another program listens for it, and starts it when it is needed')
    return 0
  } finally {
    ownership.release()
  }
}

type Order = Exclude<Leaving, 'idle' | 'lost'>

class Daemon<J extends DaemonJournal> {
  readonly #options: DaemonOptions<J>
  readonly #journal: J
  readonly #work: Work
  readonly #started = new Date()
  readonly #told = Promise.withResolvers<Order>()
  #life: DaemonLife | undefined
  /** What tells its socket from another one under that name. */
  #entry: string | undefined
  #idleSince: Date | undefined
  #mark: Mark | undefined
  #isStopped = false

  constructor(options: DaemonOptions<J>, journal: J) {
    this.#options = options
    this.#journal = journal
    this.#work = options.makeWork({journal, changed: () => this.#life && this.#changed()})
  }

  async live(place: DoorPlace): Promise<number> {
    const stopListening = this.#listenToSignals()
    const stopHearing = hearKnocks(ownerPath(this.#options.places.state), () => void this.#heard(place))
    await this.#work.begin(readMark(this.#options.places.state) === 'stopped' ? 'rest' : 'go')
    let endpoint = await this.#openEndpoint()
    try {
      this.#options.say('is there')
      endRevival(this.#options.places.state)
      for (;;) {
        const code = await this.#attend(place, endpoint)
        if (code !== 'lost') return code
        await endpoint.close()
        endpoint = await this.#openEndpoint()
        this.#options.say('has made its sockets again, which somebody had removed')
      }
    } finally {
      stopHearing()
      await endpoint.close()
      this.#keepMark()
      this.#journal.close()
      stopListening()
      this.#options.say('leaves')
    }
  }

  // Somebody wants a daemon that is there: if its sockets are gone, it makes others.
  async #heard(place: DoorPlace): Promise<void> {
    const {places, say} = this.#options
    const life = this.#life
    if (place.kind !== 'path' || fileUnder(place.entry) === this.#entry) return
    try {
      await ensurePrivateFolder(places.runtime)
      if (life === this.#life) life?.leave('lost')
    } catch (error) {
      say(`cannot make its sockets again: ${wordOf(error)}`)
    }
  }

  async #attend(place: DoorPlace, endpoint: Endpoint): Promise<number | 'lost'> {
    for (;;) {
      const door = await openDaemonSocket(place, endpoint.desk)
      this.#entry = place.kind === 'path' ? fileUnder(place.entry) : undefined
      const why = await this.#stay(endpoint)
      const isOrder = why !== 'idle' && why !== 'lost'
      if (isOrder) await this.#stop(why)
      await door.close(endpoint.desk)
      if (why === 'lost') return why
      if (isOrder || this.#work.isIdle) return 0
      // Somebody handed something over while the door was closing. A socket of systemd cannot be opened a second time.
      if (place.kind === 'descriptor') return startAgain
    }
  }

  async #stay({desk}: Endpoint): Promise<Leaving> {
    const {idleFor} = this.#options
    const life = new DaemonLife({idleFor, isIdle: () => this.#work.isIdle && desk.isIdle})
    this.#life = life
    this.#changed()
    void this.#told.promise.then(why => life.leave(why))
    return life.left
  }

  async #stop(why: Order): Promise<void> {
    this.#options.say(`stops (${why})`)
    if (why !== 'signal') this.#isStopped = true
    try {
      await this.#work.stop(why === 'cancel' ? 'cancel' : 'keep')
    } catch (error) {
      this.#options.say(`could not stop in good order: ${wordOf(error)}`)
    }
  }

  async #openEndpoint(): Promise<Endpoint> {
    const {places} = this.#options
    const {roll, sessions} = this.#work
    const facts = {
      places,
      journal: this.#journal,
      started: this.#started,
      idleSince: () => this.#idleSince,
      leave: (why: 'stop' | 'cancel') => this.#told.resolve(why)
    }
    const [journal, work] = [this.#journal, this.#work]
    const report = (error: unknown): void => this.#options.say(`cannot tell of a session: ${wordOf(error)}`)
    const background = {journal, work, attachments: new AttachDesk({journal, work, report})}
    return openEndpoint({
      roll,
      sessions,
      places,
      token: await controlToken(places.state),
      keeper: 'daemon',
      ownVerb: asked => answerDaemon(asked, facts) ?? answerBackground(asked, background),
      roomFor: roomForBackground,
      clientsChanged: () => this.#life?.check()
    })
  }

  #changed(): void {
    this.#keepMark()
    if (!this.#work.isIdle) this.#idleSince = undefined
    else this.#idleSince ??= new Date()
    this.#life?.check()
  }

  #keepMark(): void {
    const unfinished = this.#isStopped || this.#work.isResting ? 'stopped' : 'unfinished'
    const mark = this.#journal.isPending() ? unfinished : 'none'
    if (mark === this.#mark) return
    try {
      setMark(this.#options.places.state, mark)
      this.#mark = mark
    } catch (error) {
      this.#options.say(`cannot say on disk whether there is work: ${wordOf(error)}`)
    }
  }

  // Without its terminal it goes on; told to end, it lets everything go on with the next daemon.
  #listenToSignals(): () => void {
    const stop = (): void => this.#told.resolve('signal')
    const goOn = (): void => {}
    process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', goOn)
    return () => process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', goOn)
  }
}

function wordOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
