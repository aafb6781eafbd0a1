import type {
  AuthenticationChallenge,
  ChallengeDecision,
  Credential,
  SessionDelegate
} from '../../../src/engine/index.ts'

export interface Giving {
  /** What the delegate was asked, in order. */
  readonly seen: readonly AuthenticationChallenge[]
  readonly delegate: SessionDelegate
}

/** A delegate that gives these credentials, one after another, and then nothing of its own. */
export function giving(...credentials: readonly Credential[]): Giving {
  const seen: AuthenticationChallenge[] = []
  const delegate: SessionDelegate = {
    didReceiveChallenge: (_task, challenge): ChallengeDecision => {
      const credential = credentials[seen.length]
      seen.push(challenge)
      return credential ? {disposition: 'useCredential', credential} : {disposition: 'performDefaultHandling'}
    }
  }
  return {seen, delegate}
}
