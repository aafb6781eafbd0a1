import {resolvePlaces} from '../../control/places.ts'

/** Where this user's sessions are. Nothing is created by asking. */
export function configurationFolder(): string {
  return resolvePlaces(process.env, process.platform, process.getuid?.()).config
}
