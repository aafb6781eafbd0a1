import {join} from 'node:path'
import {resolvePlaces} from '../../control/places.ts'

/** Where what it takes to continue uploads is kept, and copies of standard input. */
export function uploadsFolder(): string {
  return join(resolvePlaces(process.env, process.platform, process.getuid?.()).state, 'uploads')
}
