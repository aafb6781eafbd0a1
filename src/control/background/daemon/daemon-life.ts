/** Why the daemon leaves; lost: nobody finds its sockets any more. */
export type Leaving = 'idle' | 'lost' | 'stop' | 'cancel' | 'signal'

export interface DaemonLifeOptions {
  /** Nothing to do, and nobody there. */
  readonly isIdle: () => boolean
  /** Milliseconds. */
  readonly idleFor: number
}

/** Decides when the daemon leaves. The only timer is the one that ends its idleness. */
export class DaemonLife {
  /** Resolves once, with the reason. */
  readonly left: Promise<Leaving>
  readonly #options: DaemonLifeOptions
  readonly #leave: (why: Leaving) => void
  #timer: NodeJS.Timeout | undefined

  constructor(options: DaemonLifeOptions) {
    this.#options = options
    const {promise, resolve} = Promise.withResolvers<Leaving>()
    this.left = promise
    this.#leave = resolve
  }

  /** Something has changed: the time of idleness begins anew, or is over. */
  check(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#options.isIdle()
      ? setTimeout(() => this.leave('idle'), this.#options.idleFor)
      : undefined
  }

  leave(why: Leaving): void {
    clearTimeout(this.#timer)
    this.#leave(why)
  }
}
