import type {Socket} from 'node:net'
import {Inbox} from './inbox.ts'
import {Reply} from './reply.ts'
import type {Arrival} from './request.ts'
import {OriginRequest} from './request.ts'
import type {Flow} from './wire.ts'
import {Wire} from './wire.ts'

/** Answers one request; the connection goes on when the reply has ended, not when this returns. */
export type Handler = (request: OriginRequest, reply: Reply) => unknown

/** What an address does: the handler, and whether it is called with the whole body or at once with the head. */
export interface Route {
  readonly handle: Handler
  readonly when: 'body' | 'head'
}

export interface ConnectionOptions {
  readonly arrival: Arrival
  readonly transport: Socket
  readonly flow: Flow
  /** Called once for every request, in order: records it and finds its route. */
  readonly accept: (request: OriginRequest) => Route
  readonly report: (error: unknown) => void
}

async function answerRequest(request: OriginRequest, reply: Reply, route: Route): Promise<'next' | 'over'> {
  return new Promise((resolve, reject) => {
    Promise.resolve()
      .then(() => route.handle(request, reply))
      .catch(reject)
    void reply.finished.then(resolve)
  })
}

async function receiveFirst(request: OriginRequest, reply: Reply, inbox: Inbox): Promise<void> {
  if (/100-continue/i.test(request.header('expect') ?? '')) await reply.informational(100)
  await request.receiveBody(inbox)
}

/** Serves the requests of one connection, one after the other, pipelined or not, until either side has had enough. */
export async function serveConnection(options: ConnectionOptions): Promise<void> {
  const {socket} = options.arrival
  const inbox = new Inbox(socket)
  const wire = new Wire(socket, options.transport, options.flow)
  for (;;) {
    const head = await inbox.head()
    if (!head) return
    const request = new OriginRequest(head.toString('latin1'), options.arrival)
    const reply = new Reply(request, wire, inbox)
    const route = options.accept(request)
    const body = route.when === 'body' ? receiveFirst(request, reply, inbox) : request.receiveBody(inbox)
    if (route.when === 'body') await body
    try {
      if ((await answerRequest(request, reply, route)) === 'over') return
    } catch (error) {
      options.report(error)
      options.transport.destroy()
      return
    }
    await body
  }
}
