import {createHash, randomBytes} from 'node:crypto'
import {readdir, unlink} from 'node:fs/promises'
import {join} from 'node:path'
import {inspectPrivateFolder} from './places.ts'
import {isAlive, thisProcess} from './process-identity.ts'

/** Where a process can be asked. */
export interface EndpointAddress {
  readonly pid: number
  /** What node:http takes as socketPath. */
  readonly socketPath: string
  /** The entry in the runtime folder: the socket itself, or on Windows an empty file that stands for the pipe. */
  readonly entry: string
  readonly startTime: string | undefined
  readonly machine: string
}

/** A fresh address for this process. */
export function newAddress(runtimeFolder: string): EndpointAddress {
  const {pid, startTime} = thisProcess()
  const name = `${pid}-${startTime ?? 'x'}-${thisMachine()}-${randomBytes(2).toString('hex')}`
  return addressOf(runtimeFolder, name)!
}

/** The fixed address of the daemon, by which it is found and started; listAddresses never has it. */
export function daemonAddress(runtimeFolder: string): Pick<EndpointAddress, 'socketPath' | 'entry'> {
  const entry = join(runtimeFolder, `daemon${suffix()}`)
  return {entry, socketPath: socketPathOf(runtimeFolder, 'daemon', entry)}
}

/** The addresses in the runtime folder. Throws REFUSED when the folder is not private. */
export async function listAddresses(runtimeFolder: string): Promise<EndpointAddress[]> {
  if ((await inspectPrivateFolder(runtimeFolder)) === 'missing') return []
  const names = (await readdir(runtimeFolder)).filter(name => name.endsWith(suffix()))
  return names
    .map(name => addressOf(runtimeFolder, name.slice(0, -suffix().length)))
    .filter(address => address !== undefined)
}

/** Removes what a dead process left; never that of a living one, of another machine, or of another container. */
export async function removeStale(address: EndpointAddress): Promise<void> {
  if (address.machine !== thisMachine()) return
  const identity = {...thisProcess(), pid: address.pid, startTime: address.startTime}
  if (isAlive(identity) === 'gone') await unlink(address.entry).catch(() => {})
}

function addressOf(folder: string, name: string): EndpointAddress | undefined {
  const match = /^(\d{1,10})-(\d{1,16}|x)-([0-9a-f]{6})-[0-9a-f]{4}$/.exec(name)
  if (!match) return undefined
  const entry = join(folder, name + suffix())
  return {
    pid: Number(match[1]),
    startTime: match[2] === 'x' ? undefined : match[2],
    machine: match[3] ?? '',
    entry,
    socketPath: socketPathOf(folder, name, entry)
  }
}

function socketPathOf(folder: string, name: string, entry: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\ferry-${shortHash(folder, 16)}-${name}` : entry
}

function suffix(): string {
  return process.platform === 'win32' ? '.pipe' : '.sock'
}

function thisMachine(): string {
  return shortHash(thisProcess().host, 6)
}

function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}
