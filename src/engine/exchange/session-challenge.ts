import type {AuthenticationChallenge, ChallengeDecision, Credential} from '../authentication-challenge.ts'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {decisionOf} from './decision.ts'

/** What a connection needs before anybody can be asked for anything. */
export interface SessionQuestion {
  readonly url: URL
  readonly method: 'ServerTrust' | 'ClientCertificate'
  readonly previousFailureCount: number
  /** Why the connection could not be made as it was. */
  readonly error: TransferError
}

/**
 * Asks the delegate about the connection to an origin: the session's method, without it the task's (R33). Undefined:
 * there is neither, or the connection is to fail as it did. Rejects with CANCELLED.
 */
export async function askSession(
  task: Task,
  {url, method, previousFailureCount, error}: SessionQuestion
): Promise<Credential | undefined> {
  const {delegate} = task.session
  const asked = delegate.didReceiveSessionChallenge ?? delegate.didReceiveChallenge
  if (!asked) return undefined
  const challenge: AuthenticationChallenge = {
    scope: 'session',
    protectionSpace: {
      protocol: 'https',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || 443,
      realm: undefined,
      method,
      isProxy: false
    },
    proposedCredential: undefined,
    previousFailureCount,
    failureResponse: undefined,
    error
  }
  const decision: ChallengeDecision = await decisionOf(task, asked.call(delegate, task, challenge))
  delegate.didDecideChallenge?.(task, {...challenge, disposition: decision.disposition})
  if (decision.disposition === 'cancel') {
    task.cancel()
    throw new TransferError('CANCELLED', `The task was cancelled ${occasions[method]}`)
  }
  return decision.disposition === 'useCredential' ? decision.credential : undefined
}

const occasions = {
  ServerTrust: 'when a certificate was not trusted',
  ClientCertificate: 'when the server wanted a client certificate'
} as const
