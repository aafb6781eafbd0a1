import {createHash} from 'node:crypto'
import {lstat} from 'node:fs/promises'
import {posix, win32} from 'node:path'
import {TransferError, makeFolder} from '../engine/index.ts'

/** Absolute paths of ferry's own folders. Nothing is created by naming them. */
export interface Places {
  /** Profiles and settings. */
  readonly config: string
  /** Stores, keys and the index of tasks. */
  readonly state: string
  /** Sockets of running processes. */
  readonly runtime: string
}

/** The variables that move the folders; pass the process's environment as it is. */
export interface PlacesEnvironment {
  readonly [name: string]: string | undefined
}

// Windows' named pipes have no such limit; sun_path holds 104 bytes on macOS, 108 on Linux, the final NUL included.
const socketPathLimit = 104
/** Bytes that endpoint names may need after the runtime folder, the separator included. */
const longestEndpointName = 41

/** Where ferry's folders are for this user: FERRY_HOME, else XDG on Linux, else the system's own folders. */
export function resolvePlaces(
  environment: PlacesEnvironment,
  platform: NodeJS.Platform,
  uid: number | undefined
): Places {
  if (platform === 'win32') return windowsPlaces(environment)
  const temporary = shortTemporary(environment)
  const places = posixPlaces(environment, {platform, uid, temporary})
  if (Buffer.byteLength(places.runtime) + longestEndpointName < socketPathLimit) return places
  const mark = createHash('sha256').update(places.runtime).digest('hex').slice(0, 12)
  // One flat folder and no parent of ours: a parent in a public place would need the same check again.
  return {...places, runtime: posix.join(temporary, `ferry-${uid ?? 'user'}-${mark}`)}
}

/**
 * Makes the folder for this user alone, or proves that it is: a real folder, ours, closed to group and others.
 * Throws REFUSED where it is anything else, WRITE_FAILED where it cannot be made.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  try {
    makeFolder(path, 0o700)
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) {
      const hint = 'Check that it can be made there, or point FERRY_HOME at another place.'
      throw new TransferError('WRITE_FAILED', `The folder ${path} cannot be made`, {cause, hint})
    }
  }
  if ((await inspectPrivateFolder(path)) === 'missing')
    throw new TransferError('WRITE_FAILED', `The folder ${path} has gone while it was being made`)
}

/** The check alone: says whether the folder is there; throws REFUSED where it is there and not private. */
export async function inspectPrivateFolder(path: string): Promise<'private' | 'missing'> {
  const stats = await lstat(path).catch((cause: unknown) => {
    if (isCode(cause, 'ENOENT') || isCode(cause, 'ENOTDIR')) return undefined
    throw new TransferError('REFUSED', `The folder ${path} cannot be examined`, {cause})
  })
  if (!stats) return 'missing'
  if (stats.isSymbolicLink()) refuse(path, 'is a link', 'Remove the link; ferry makes the folder itself.')
  if (!stats.isDirectory()) refuse(path, 'is not a folder', 'Move it away; ferry makes the folder itself.')
  const uid = process.getuid?.()
  if (uid === undefined) return 'private'
  if (stats.uid !== uid) refuse(path, 'belongs to another user', 'Point FERRY_HOME at a folder of your own.')
  if ((stats.mode & 0o077) !== 0) refuse(path, 'is open to other users', `Close it with: chmod 700 '${path}'`)
  return 'private'
}

/** Is this a system error of that code? */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function refuse(path: string, what: string, hint: string): never {
  throw new TransferError('REFUSED', `The folder ${path} ${what}`, {hint})
}

function windowsPlaces(environment: PlacesEnvironment): Places {
  const home = environment['FERRY_HOME']
  if (home) return under(win32, win32.resolve(home))
  const profile = environment['USERPROFILE'] || environment['TEMP'] || 'C:\\'
  const roaming = environment['APPDATA'] || win32.join(profile, 'AppData', 'Roaming')
  const local = environment['LOCALAPPDATA'] || win32.join(profile, 'AppData', 'Local')
  return {
    config: win32.join(roaming, 'ferry'),
    state: win32.join(local, 'ferry'),
    runtime: win32.join(local, 'ferry', 'run')
  }
}

interface PosixMachine {
  readonly platform: NodeJS.Platform
  readonly uid: number | undefined
  readonly temporary: string
}

function posixPlaces(environment: PlacesEnvironment, machine: PosixMachine): Places {
  const ferryHome = environment['FERRY_HOME']
  if (ferryHome) return under(posix, posix.resolve(ferryHome))
  const home = absolute(environment['HOME'])
  if (home && machine.platform === 'darwin') {
    const support = posix.join(home, 'Library', 'Application Support', 'ferry')
    return {
      config: posix.join(home, 'Library', 'Preferences', 'ferry'),
      state: support,
      runtime: posix.join(support, 'run')
    }
  }
  const config = absolute(environment['XDG_CONFIG_HOME']) ?? (home && posix.join(home, '.config'))
  const state = absolute(environment['XDG_STATE_HOME']) ?? (home && posix.join(home, '.local', 'state'))
  const homeless = posix.join(machine.temporary, `ferry-${machine.uid ?? 'user'}`)
  const stateFolder = state ? posix.join(state, 'ferry') : `${homeless}-state`
  const runtime = ownRuntimeFolder(environment, machine.uid)
  return {
    config: config ? posix.join(config, 'ferry') : `${homeless}-config`,
    state: stateFolder,
    runtime: runtime ? posix.join(runtime, 'ferry') : posix.join(stateFolder, 'run')
  }
}

// su and sudo -E keep the variable of the user before: a folder of ours in there would lock that user out.
function ownRuntimeFolder(environment: PlacesEnvironment, uid: number | undefined): string | undefined {
  const folder = absolute(environment['XDG_RUNTIME_DIR'])
  const owner = /^\/run\/user\/(\d+)(\/|$)/.exec(folder ?? '')?.[1]
  return owner !== undefined && Number(owner) !== uid ? undefined : folder
}

function under(path: typeof posix, home: string): Places {
  return {config: path.join(home, 'config'), state: path.join(home, 'state'), runtime: path.join(home, 'run')}
}

// The XDG base directory specification: relative paths count as not set.
function absolute(path: string | undefined): string | undefined {
  return path && posix.isAbsolute(path) ? path : undefined
}

function shortTemporary(environment: PlacesEnvironment): string {
  const folder = absolute(environment['TMPDIR'])
  return folder && Buffer.byteLength(folder) <= 32 ? folder : '/tmp'
}
