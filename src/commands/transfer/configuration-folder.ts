import {placesOfUser} from './places-of-user.ts'

/** Where this user's sessions are. Nothing is created by asking. */
export function configurationFolder(): string {
  return placesOfUser().config
}
