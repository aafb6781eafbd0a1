import {randomBytes} from 'node:crypto'
import {unescape} from 'node:querystring'

/** A server that may see a secret; every other one that gets it, has got a leak. */
interface Recipient {
  readonly port: number
}

const token = /canary-[a-z]+-[0-9a-z]+(?:-[0-9a-z]+)*/g
const recipients = new Map<string, ReadonlySet<number>>()
const leaks: string[] = []

/**
 * A secret that can be told from everything else: `canary-<what>-<unique>`. What begins with cookie may be in stores of
 * cookies, what begins with kept in the store of credentials; nothing else may be anywhere but with its recipients.
 */
export function canary(what: string, ...origins: readonly Recipient[]): string {
  const made = `canary-${what}-${randomBytes(6).toString('hex')}`
  if (origins.length > 0) recipients.set(made, new Set(origins.map(({port}) => port)))
  return made
}

/** The secrets in a text: as they are, percent-encoded, or in a word of base64 (Basic). */
export function canariesIn(text: string): readonly string[] {
  const readings = [text]
  if (/%[0-9a-f]{2}/i.test(text)) readings.push(unescape(text))
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    const decoded = Buffer.from(word, 'base64').toString('latin1')
    if (decoded.includes('canary-')) readings.push(decoded)
  }
  return [...new Set(readings.flatMap(reading => reading.match(token) ?? []))]
}

/** Notes what a server was sent that was not for it. */
export function watchRequest(head: string, {port}: Recipient): void {
  if (!mayHoldCanary(head)) return
  for (const found of canariesIn(head)) {
    const allowed = recipients.get(found)
    if (allowed && !allowed.has(port)) leaks.push(`${found} was sent to port ${port}`)
  }
}

/** Notes secrets where none belongs: an output, a file. */
export function watchText(text: string, place: string): void {
  if (!mayHoldCanary(text)) return
  for (const found of canariesIn(text)) if (!mayBeIn(found, place)) leaks.push(`${found} is in ${place}`)
}

/** What has leaked since it was asked for the last time. */
export function takeLeaks(): readonly string[] {
  return leaks.splice(0)
}

// "canary-" in base64, at each of the three offsets that it can have in a word.
const inBase64 = /Y2FuYXJ5L|NhbmFyeS|jYW5hcnkt/

function mayHoldCanary(text: string): boolean {
  return text.includes('canary') || inBase64.test(text) || /canary%2d|%63anary/i.test(text)
}

function mayBeIn(found: string, place: string): boolean {
  if (/\bstores\.sqlite/.test(place)) return found.startsWith('canary-cookie')
  if (/\bcredentials\.sqlite/.test(place)) return found.startsWith('canary-kept')
  return false
}
