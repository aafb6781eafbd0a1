import {lstat} from 'node:fs/promises'
import {ask} from '../ask.ts'
import type {Reply} from '../ask.ts'
import {controlToken} from '../control-token.ts'
import {daemonAddress} from '../endpoint-address.ts'
import type {Request} from '../endpoints.ts'
import {inspectPrivateFolder} from '../places.ts'
import type {Places} from '../places.ts'

/**
 * Asks the daemon at its fixed name; refused = nobody is there. Makes nothing where there is none. Throws REFUSED when the
 * runtime folder or the token are not this user's alone.
 */
export async function askDaemon(places: Pick<Places, 'runtime' | 'state'>, request: Request): Promise<Reply> {
  if ((await inspectPrivateFolder(places.runtime)) === 'missing') return {kind: 'refused'}
  const {entry, socketPath} = daemonAddress(places.runtime)
  if (!(await lstat(entry).catch(() => undefined))) return {kind: 'refused'}
  return ask({...request, socketPath, token: await controlToken(places.state)})
}
