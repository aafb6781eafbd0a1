import type {IncomingMessage} from 'node:http'
import type {GenericSchema, InferOutput} from 'valibot'
import {TransferError} from '../engine/index.ts'
import {ask, send} from './ask.ts'
import type {Question, Reply} from './ask.ts'
import {asTransferError} from './control-failure.ts'
import {controlToken} from './control-token.ts'
import {listAddresses, removeStale} from './endpoint-address.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import type {Places} from './places.ts'
import {checked} from './request-body.ts'

/** What is asked of an endpoint. */
export interface Request extends Pick<Question, 'method' | 'path'> {
  readonly body?: object
  readonly signal: AbortSignal
}

/** What one process said. */
export interface Answered {
  readonly address: EndpointAddress
  readonly reply: Reply
}

/** The running processes of this user that can be asked. */
export class Endpoints {
  readonly #places: Pick<Places, 'runtime' | 'state'>
  #token: Promise<string> | undefined

  constructor(places: Pick<Places, 'runtime' | 'state'>) {
    this.#places = places
  }

  /** Asks all at once; processes that are gone do not count. */
  async askAll(request: Request): Promise<readonly Answered[]> {
    const addresses = await listAddresses(this.#places.runtime)
    const answers = await Promise.all(
      addresses.map(async address => ({address, reply: await this.ask(address, request)}))
    )
    return answers.filter(({reply}) => reply.kind !== 'refused')
  }

  async ask(address: EndpointAddress, request: Request): Promise<Reply> {
    const reply = await ask(await this.#question(address, request))
    if (reply.kind === 'refused') await removeStale(address)
    return reply
  }

  /** For an answer that comes piece by piece: resolves when it begins. Rejects with the system's error. */
  async open(address: EndpointAddress, request: Request): Promise<IncomingMessage> {
    return send(await this.#question(address, request))
  }

  async #question(address: EndpointAddress, request: Request): Promise<Question> {
    this.#token ??= controlToken(this.#places.state)
    return {...request, socketPath: address.socketPath, token: await this.#token}
  }
}

/** The answer, if it is a success of that shape. Throws BUSY where there is none, else what the process said. */
export async function accepted<S extends GenericSchema>(schema: S, reply: Reply): Promise<InferOutput<S>> {
  if (reply.kind !== 'answered') throw new TransferError('BUSY', 'The process does not answer')
  if (reply.status === 200) return checked(schema, reply.body)
  const {errorAnswer} = await import('./schemas.ts')
  throw asTransferError((await checked(errorAnswer, reply.body)).error)
}
