import {resolvePlaces} from '../../control/places.ts'
import type {Places} from '../../control/places.ts'

/** Where ferry keeps what is this user's. Nothing is made by asking. */
export function placesOfUser(): Places {
  return resolvePlaces(process.env, process.platform, process.getuid?.())
}
