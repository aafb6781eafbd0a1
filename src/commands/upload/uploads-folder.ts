import {placesOfUser} from '../transfer/places-of-user.ts'
import {join} from 'node:path'

/** Where what it takes to continue uploads is kept, and copies of standard input. */
export function uploadsFolder(): string {
  return join(placesOfUser().state, 'uploads')
}
