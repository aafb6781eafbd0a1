import {unlink} from 'node:fs/promises'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {openDoor} from '../../door.ts'
import type {Door, DoorPlace} from '../../door.ts'
import {daemonAddress} from '../../endpoint-address.ts'
import type {RequestDesk} from '../../request-desk.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the daemon listens. foreign: another program has the name, such as systemd, which then starts the daemon itself. */
export type SocketPlace = DoorPlace | {readonly kind: 'foreign'}

// Where systemd puts the first socket it hands over (sd_listen_fds(3)).
const firstDescriptor = 3
// Of a daemon that is killed, the lock may be free an instant before its socket is closed.
const looks = 3
const betweenLooks = 20

/**
 * Finds out where to listen, and removes what a dead daemon left. Only for the owner of the daemon's lock: nobody else can
 * know that the socket is stale.
 */
export async function findSocketPlace(runtimeFolder: string, environment: Environment): Promise<SocketPlace> {
  if (environment['LISTEN_FDS'] === '1' && environment['LISTEN_PID'] === String(process.pid))
    return {kind: 'descriptor', descriptor: firstDescriptor}
  const {socketPath, entry} = daemonAddress(runtimeFolder)
  if (await isListenedToLastingly(socketPath)) return {kind: 'foreign'}
  await unlink(entry).catch(() => {})
  return {kind: 'path', socketPath, entry}
}

/** Answers at the fixed name, and keeps the process alive meanwhile. Throws WRITE_FAILED. */
export function openDaemonSocket(place: DoorPlace, desk: RequestDesk): Promise<Door> {
  return openDoor(place, {serve: desk.serve, process: 'keeps'})
}

async function isListenedToLastingly(socketPath: string): Promise<boolean> {
  for (let look = 1; await isListenedTo(socketPath); look++) {
    if (look === looks) return true
    await sleep(betweenLooks)
  }
  return false
}

/** Does a program take connections there? */
export function isListenedTo(socketPath: string): Promise<boolean> {
  const {promise, resolve} = Promise.withResolvers<boolean>()
  const socket = connect(socketPath)
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
