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
 * A secret that can be told from everything else: `canary-<what>-<unique>`. One of a cookie may be in stores of cookies, one
 * that is kept in the store of credentials, one of a link in resume data, one that a test writes by hand in its sessions,
 * one that is handed to the background in its journal, as long as its task needs it; nothing else may be anywhere but with its recipients. Without recipients, every server of the test may see it.
 */
export function canary(what: string, ...origins: readonly Recipient[]): string {
  const made = `canary-${what}-${randomBytes(6).toString('hex')}`
  if (origins.length > 0) entrust(made, ...origins)
  return made
}

/** Lets these servers see a secret, and with it no others but those that may already. */
export function entrust(secret: string, ...origins: readonly Recipient[]): void {
  const ports = origins.map(({port}) => port)
  recipients.set(secret, new Set([...(recipients.get(secret) ?? []), ...ports]))
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

/** The same for a proxy: what is forwarded by it may hold what is for the server that is asked; a CONNECT may not. */
export function watchProxyRequest(head: string, proxy: Recipient): void {
  if (!mayHoldCanary(head)) return
  const asked = URL.parse(/^\S+ (http:\S+)/.exec(head)?.[1] ?? '')
  const forwarded = asked ? Number(asked.port || 80) : undefined
  for (const found of canariesIn(head)) {
    const allowed = recipients.get(found)
    if (!allowed || allowed.has(proxy.port)) continue
    if (forwarded === undefined || !allowed.has(forwarded))
      leaks.push(`${found} was sent to the proxy at ${proxy.port}`)
  }
}

/** Notes secrets where none belongs: an output, a file. */
export function watchText(text: string, place: string): void {
  if (!mayHoldCanary(text)) return
  for (const found of canariesIn(text)) {
    if (!mayBeIn(found, place)) leaks.push(`${found} is in ${place}`)
  }
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
  if (/\bjournal\.sqlite/.test(place)) return found.startsWith('canary-handed')
  if (/\bsessions\.json/.test(place)) return found.startsWith('canary-hand')
  if (/\.ferry~?$/.test(place)) return found.startsWith('canary-link')
  return false
}
