import type {Profile} from './profile.ts'
import {refusal} from './refusal.ts'

const questions = ['hooks.onRedirect', 'hooks.onChallenge', 'hooks.onResponse', 'hooks.onCache']

/**
 * Refuses commands that would be asked where nobody is: a background session follows, answers and goes on by itself (B5).
 * Throws CONFIGURATION_REFUSED.
 */
export function assertHooks({kind, values}: Pick<Profile, 'kind' | 'values'>): void {
  const question = kind === 'background' ? questions.find(key => Object.hasOwn(values, key)) : undefined
  if (question === undefined) return
  throw refusal(
    `${question} means nothing in a background session, which asks nobody`,
    'hooks.onComplete runs a command when its transfers are done.'
  )
}
