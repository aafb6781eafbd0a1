import type {AuthenticationChallenge, ChallengeDecision} from '../authentication-challenge.ts'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {decisionOf} from './decision.ts'

/**
 * Asks the delegate about a certificate that nobody vouches for, before anything is sent: the session's method, without
 * it the task's (R33). A delegate with neither is not asked.
 */
export async function askForTrust(
  task: Task,
  {url, error}: {url: URL; error: TransferError}
): Promise<'trust' | 'refuse'> {
  const {delegate} = task.session
  const asked = delegate.didReceiveSessionChallenge ?? delegate.didReceiveChallenge
  if (!asked) return 'refuse'
  const challenge: AuthenticationChallenge = {
    scope: 'session',
    protectionSpace: {
      protocol: 'https',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || 443,
      realm: undefined,
      method: 'ServerTrust',
      isProxy: false
    },
    proposedCredential: undefined,
    previousFailureCount: 0,
    failureResponse: undefined,
    error
  }
  const decision: ChallengeDecision = await decisionOf(task, asked.call(delegate, task, challenge))
  delegate.didDecideChallenge?.(task, {...challenge, disposition: decision.disposition})
  if (decision.disposition === 'cancel') {
    task.cancel()
    throw new TransferError('CANCELLED', 'The task was cancelled when a certificate was not trusted')
  }
  const isTrusted = decision.disposition === 'useCredential' && decision.credential.kind === 'trust'
  return isTrusted ? 'trust' : 'refuse'
}
