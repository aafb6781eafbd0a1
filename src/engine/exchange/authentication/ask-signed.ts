import {parseAuthenticationInfo} from '../../fields/authentication-info.ts'
import type {Task} from '../../task.ts'
import type {TransferError} from '../../transfer-error.ts'
import {headerValue} from '../../url-request.ts'
import type {HeaderField, URLRequest, URLResponse} from '../../url-request.ts'
import {discardBody} from '../discard-body.ts'
import {send} from '../send.ts'
import type {Answer, Sending} from '../send.ts'
import type {Attempt} from './attempt.ts'
import type {Authenticator} from './authenticator.ts'
import type {Identity} from './identity.ts'

/** An answer whose body still waits. */
export interface SignedAnswer extends Answer {
  /** Why the question of a 401 was not answered, where there is more to say than that nobody is known. */
  readonly trouble?: TransferError | undefined
}

export interface Errand extends Sending {
  readonly request: URLRequest
  readonly identity: Identity
  /** Told of every answer; throws where there were too many. */
  readonly admit: (answer: Answer) => void
}

/** Asks one hop, and answers its challenges (RFC 9110, 11) with requests of their own until there is an answer. */
export async function askSigned(task: Task, errand: Errand): Promise<SignedAnswer> {
  const {identity, admit, watch, afterStop} = errand
  let {request} = errand
  let attempt = identity.introduction(request)
  let authenticator: Authenticator | undefined
  for (;;) {
    const sending = {negotiation: attempt?.negotiation, watch, afterStop, place: identity.place}
    const asked = attempt ? signed(request, attempt) : request
    const answer = await send(task, asked, sending)
    admit(answer)
    const {exchange, response} = answer
    if (response.status !== 401) {
      if (attempt) await accept(task, {attempt, response})
      return answer
    }
    authenticator ??= await authenticatorFor(task, identity)
    const next = await authenticator.answer({request, response, attempt}).catch((error: unknown) => {
      exchange.abort()
      throw error
    })
    if (!next) return {...answer, trouble: authenticator.trouble}
    const body = exchange.outgoing?.takeUnsent() ?? request.body?.again('challenge')
    if (body) request = {...request, body}
    await discardBody(exchange)
    attempt = next
  }
}

async function authenticatorFor(task: Task, identity: Identity): Promise<Authenticator> {
  const {Authenticator} = await import('./authenticator.ts')
  return new Authenticator(task, identity)
}

function signed(request: URLRequest, {value, method, negotiation}: Attempt): URLRequest {
  const others = request.headers.filter(([name]) => name.toLowerCase() !== 'authorization')
  const headers: readonly HeaderField[] = [...others, ['Authorization', value]]
  if (!request.body || negotiation?.isWhole !== false) return {...request, headers}
  // These sign in a connection, which is lost where a server refuses a body before it has come. The first message of NTLM
  // never is the last one: nothing needs to go with it.
  const {body, ...bare} = request
  return method === 'NTLM' ? {...bare, headers} : {...bare, body, headers: [...headers, ['Expect', '']]}
}

interface Accepted {
  readonly attempt: Attempt
  readonly response: URLResponse
}

// What somebody gave this session to keep; the rest is where it came from when it is needed again.
const kept: ReadonlySet<Attempt['source']> = new Set(['task', 'configuration', 'delegate'])

async function accept(task: Task, {attempt, response}: Accepted): Promise<void> {
  const {credential, digest, negotiation, source, space} = attempt
  const {session} = task
  const info = headerValue(response.headers, 'authentication-info')
  if (digest && info !== undefined) digest.note(parseAuthenticationInfo(info))
  if (negotiation && !negotiation.isWhole) await confirm(negotiation, response)
  const {persistence} = session.configuration.keysFor(response.url).credentials
  if (!space || response.status >= 400 || persistence === 'none') return
  session.signIns.keep({space, credential, path: response.url.pathname, digest})
  if (kept.has(source)) await session.stores.credentials.keep(space, credential)
}

// The server's last word proves that it is who it says (RFC 4559, 4.2).
async function confirm(
  negotiation: NonNullable<Attempt['negotiation']>,
  response: URLResponse
): Promise<void> {
  const value = headerValue(response.headers, 'www-authenticate')
  const token = /^(?:negotiate|ntlm) +(\S+)$/i.exec(value ?? '')?.[1]
  if (token !== undefined) await negotiation.step(token)
}
