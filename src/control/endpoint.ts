import {openDoor} from './door.ts'
import type {Door} from './door.ts'
import {newAddress} from './endpoint-address.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import {ensurePrivateFolder} from './places.ts'
import type {Places} from './places.ts'
import {RequestDesk} from './request-desk.ts'
import type {RequestDeskOptions} from './request-desk.ts'

export interface EndpointOptions extends RequestDeskOptions {
  readonly places: Pick<Places, 'runtime'>
}

/**
 * Lets other processes of this user see and stop the tasks of this one: HTTP/1.1 on a unix socket or named pipe, never
 * TCP. Throws REFUSED when the runtime folder is not private. It never keeps the process alive.
 */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  await ensurePrivateFolder(options.places.runtime)
  const address = newAddress(options.places.runtime)
  const desk = new RequestDesk(options)
  const door = await openDoor({kind: 'path', ...address}, {serve: desk.serve, process: 'letsGo'})
  return new Endpoint(address, desk, door)
}

/** An open endpoint; close() it before the process exits. */
export class Endpoint {
  readonly address: EndpointAddress
  /** What answers here; it may have other doors. */
  readonly desk: RequestDesk
  readonly #door: Door

  constructor(address: EndpointAddress, desk: RequestDesk, door: Door) {
    this.address = address
    this.desk = desk
    this.#door = door
  }

  /** Takes no more requests; what is being answered has half a second. Leaves nothing in the runtime folder. */
  close(): Promise<void> {
    return this.#door.close(this.desk)
  }
}
