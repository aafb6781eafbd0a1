import {lstat} from 'node:fs/promises'
import type {IncomingMessage} from 'node:http'
import {ask, send} from '../../ask.ts'
import type {Question, Reply} from '../../ask.ts'
import {asTransferError} from '../../control-failure.ts'
import {controlToken} from '../../control-token.ts'
import {daemonAddress} from '../../endpoint-address.ts'
import type {Request} from '../../endpoints.ts'
import {inspectPrivateFolder} from '../../places.ts'
import type {Places} from '../../places.ts'
import {checked, largestBody, readJson} from '../../request-body.ts'

type DaemonPlaces = Pick<Places, 'runtime' | 'state'>

/**
 * Asks the daemon at its fixed name; refused = nobody is there. Makes nothing where there is none. Throws REFUSED when the
 * runtime folder or the token are not this user's alone.
 */
export async function askDaemon(places: DaemonPlaces, request: Request): Promise<Reply> {
  const question = await questionOf(places, request)
  return question ? ask(question) : {kind: 'refused'}
}

/**
 * The same for an answer that goes on as long as somebody listens: resolves when it begins; undefined = nobody is there, or
 * left without an answer. Throws what the daemon refuses with, too.
 */
export async function openDaemonAnswer(
  places: DaemonPlaces,
  request: Request
): Promise<IncomingMessage | undefined> {
  const question = await questionOf(places, request)
  const answer = question && (await send(question).catch(() => undefined))
  if (!answer || answer.statusCode === 200) return answer
  const {errorAnswer} = await import('../../schemas.ts')
  const body = await readJson(answer, largestBody)
  throw asTransferError((await checked(errorAnswer, body)).error)
}

async function questionOf(places: DaemonPlaces, request: Request): Promise<Question | undefined> {
  if ((await inspectPrivateFolder(places.runtime)) === 'missing') return undefined
  const {entry, socketPath} = daemonAddress(places.runtime)
  if (!(await lstat(entry).catch(() => undefined))) return undefined
  return {...request, socketPath, token: await controlToken(places.state)}
}
