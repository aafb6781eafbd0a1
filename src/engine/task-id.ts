import {randomBytes} from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A name that no other task of this user gets: milliseconds, then 35 random bits. Sorts by time, is easy to type. */
export function makeTaskId(): string {
  const random = randomBytes(7)
  const suffix = [...random].map(byte => alphabet[byte & 31]).join('')
  return `${Date.now().toString(36)}${suffix}`
}
