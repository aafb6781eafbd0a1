import {setImmediate as nextTurn} from 'node:timers/promises'
import {linesOf} from './background/protocol/attach-lines.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import type {Endpoints} from './endpoints.ts'
import {checked} from './request-body.ts'
import type {EndedTask} from './task-record.ts'

type End = EndedTask | undefined
type Waiting = Map<string, PromiseWithResolvers<End>>

/**
 * Waits for the ends of tasks in other processes. What is asked of a process in one turn goes there in one request: it takes
 * 64 clients, and a script waits for thousands of tasks.
 */
export class TaskWaits {
  readonly #endpoints: Endpoints
  readonly #gathering = new Map<string, Waiting>()

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints
  }

  /** Resolves when the task has ended; to undefined where its process goes away without a word of that. Never rejects. */
  end(address: EndpointAddress, id: string): Promise<EndedTask | undefined> {
    const waiting = this.#gathering.get(address.socketPath) ?? this.#gather(address)
    const end = waiting.get(id) ?? Promise.withResolvers<End>()
    waiting.set(id, end)
    return end.promise
  }

  #gather(address: EndpointAddress): Waiting {
    const waiting: Waiting = new Map()
    this.#gathering.set(address.socketPath, waiting)
    void this.#ask(address, waiting)
    return waiting
  }

  async #ask(address: EndpointAddress, waiting: Waiting): Promise<void> {
    await nextTurn()
    this.#gathering.delete(address.socketPath)
    try {
      await this.#listen(address, waiting)
    } catch {
      // Whatever it was, the process cannot be heard.
    }
    for (const {resolve} of waiting.values()) resolve(undefined)
  }

  async #listen(address: EndpointAddress, waiting: Waiting): Promise<void> {
    const answer = await this.#endpoints.open(address, {
      method: 'POST',
      path: '/tasks/wait',
      body: {ids: [...waiting.keys()]},
      signal: new AbortController().signal
    })
    const {endedAnswer} = await import('./schemas.ts')
    for await (const line of linesOf(answer)) {
      const ended = await checked(endedAnswer, JSON.parse(line))
      waiting.get(ended.record.id)?.resolve(ended)
    }
  }
}
