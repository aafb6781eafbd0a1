import type {Answering} from './answer-request.ts'
import {controlDelegate} from './control-delegate.ts'
import type {ControlHooks} from './control-delegate.ts'
import type {Endpoint} from './endpoint.ts'
import type {Places} from './places.ts'
import {thisProcess} from './process-identity.ts'
import {SessionRoll} from './session-roll.ts'
import {TaskIndex} from './task-index.ts'
import {TaskJournal} from './task-journal.ts'
import type {TaskRecords} from './task-record.ts'
import {TaskRoll} from './task-roll.ts'
import type {Task} from '../engine/index.ts'

export interface ProcessControlOptions {
  readonly places: Pick<Places, 'runtime' | 'state'>
  readonly records: TaskRecords<Task>
  /** Told when the endpoint cannot be opened or the index not be kept; the transfers go on without. */
  readonly report: (error: unknown) => void
  /** Milliseconds after which a process can be seen by others; a shorter one pays nothing. Default: 100. */
  readonly openAfter?: number
  /** Verbs that only this process has; undefined for any other. */
  readonly ownVerb?: Answering['ownVerb']
}

/** All that a process which runs tasks needs of this room: hooks for its sessions, and an end. */
export class ProcessControl {
  /** For every session of the process: combine the delegate, spread the environment. */
  readonly hooks: ControlHooks
  readonly #options: ProcessControlOptions
  readonly #sessions = new SessionRoll()
  readonly #roll: TaskRoll
  readonly #journal: TaskJournal
  readonly #timer: NodeJS.Timeout
  #opening: Promise<Endpoint | undefined> | undefined

  constructor(options: ProcessControlOptions) {
    this.#options = options
    const {places, records, report} = options
    const index = new TaskIndex({stateFolder: places.state, exitCode: records.exitCode})
    this.#roll = new TaskRoll(records)
    this.#journal = new TaskJournal({index, records, report, owner: thisProcess()})
    this.hooks = controlDelegate({sessions: this.#sessions, roll: this.#roll, journal: this.#journal})
    this.#timer = setTimeout(() => void this.open(), options.openAfter ?? 100).unref()
  }

  /** Opens the endpoint now; one that lives long from the start (a daemon) need not wait. */
  open(): Promise<Endpoint | undefined> {
    clearTimeout(this.#timer)
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Before the process exits: writes the index, lets clients have their answers, removes the socket. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const endpoint = await this.#opening
    await this.#journal.close(endpoint ? 'all' : 'unsuccessful')
    await endpoint?.close()
  }

  async #open(): Promise<Endpoint | undefined> {
    try {
      const {openEndpoint} = await import('./endpoint.ts')
      const {controlToken} = await import('./control-token.ts')
      const {places, ownVerb} = this.#options
      const token = await controlToken(places.state)
      const settled = (): Promise<void> => this.#journal.settled()
      return await openEndpoint({
        sessions: this.#sessions,
        roll: this.#roll,
        places,
        token,
        settled,
        ...(ownVerb && {ownVerb})
      })
    } catch (error) {
      this.#options.report(error)
      return undefined
    }
  }
}
