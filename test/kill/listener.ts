import {setTimeout as sleep} from 'node:timers/promises'
import type {BackgroundClient} from '../../src/control/background/daemon/background-client.ts'
import type {Line} from './background-story.ts'

/** Hears the events of a session from one daemon, until that is killed or the listener leaves. */
export class Listener {
  readonly #client: BackgroundClient
  readonly #session: string
  readonly #leaving = new AbortController()
  readonly #heard: Line[] = []
  #hearing: Promise<void> = Promise.resolve()

  constructor(client: BackgroundClient, session: string) {
    this.#client = client
    this.#session = session
  }

  listen(): void {
    this.#hearing = this.#hear().catch(() => {})
  }

  /** What was heard. */
  async leave(): Promise<readonly Line[]> {
    this.#leaving.abort()
    await this.#hearing
    // The daemon learns of it a moment later.
    await sleep(50)
    return this.#heard
  }

  async #hear(): Promise<void> {
    for await (const line of this.#client.attach(this.#session, this.#leaving.signal))
      this.#heard.push(JSON.parse(line) as Line)
  }
}
