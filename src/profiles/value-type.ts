import {isIP} from 'node:net'
import {isAbsolute} from 'node:path'
import {parseProxyAddress} from '../engine/index.ts'
import {parseHookCommand} from './hook-command.ts'
import {isLastingReference, referenceForms} from './secret.ts'

/** What the value of a key may be. */
export interface ValueType {
  /** How words become a value of it; times are in seconds, sizes in bytes. */
  readonly form:
    | 'seconds'
    | 'bytes'
    | 'number'
    | 'switch'
    | 'choice'
    | 'text'
    | 'list'
    | 'path'
    | 'paths'
    | 'secret'
    | 'header'
    | 'command'
  /** What fits, for the sentence "KEY must be ...". */
  readonly range: string
  /** How to give it, where the range alone would leave somebody helpless. */
  readonly hint?: string
  accepts(value: unknown): boolean
}

const printableText = /^[^\x00-\x1F\x7F]+$/

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 8192 && printableText.test(value)
}

export const positiveSeconds: ValueType = {
  form: 'seconds',
  range: 'a time above 0, such as 30, 1.5 or 1m30s',
  accepts: value => typeof value === 'number' && Number.isFinite(value) && value > 0
}

export const seconds: ValueType = {
  form: 'seconds',
  range: 'a time of 0 or more, such as 30, 1.5 or 1m30s',
  accepts: value => typeof value === 'number' && Number.isFinite(value) && value >= 0
}

export const positiveBytes: ValueType = {
  form: 'bytes',
  range: 'a size of 1 or more, such as 500, 64k or 1.5M',
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 1
}

export const bytes: ValueType = {
  form: 'bytes',
  range: 'a size of 0 or more, such as 500, 64k or 1.5M',
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 0
}

export const positiveCount: ValueType = {
  form: 'number',
  range: 'a whole number, 1 or more',
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 1
}

export const count: ValueType = {
  form: 'number',
  range: 'a whole number, 0 or more',
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 0
}

export const onOff: ValueType = {
  form: 'switch',
  range: 'true or false',
  accepts: value => typeof value === 'boolean'
}

export function oneOf(...choices: readonly (string | number)[]): ValueType {
  return {
    form: 'choice',
    range: `one of ${choices.join(', ')}`,
    accepts: value => choices.some(choice => choice === value)
  }
}

/** One line of text. */
export function line(range: string, fits: (text: string) => boolean = () => true): ValueType {
  return {form: 'text', range, accepts: value => isText(value) && fits(value)}
}

/** Several of them, with commas between. */
export function lines(range: string, fits: (text: string) => boolean = () => true): ValueType {
  return {
    form: 'list',
    range,
    accepts: value =>
      Array.isArray(value) && value.length <= 1000 && value.every(each => isText(each) && fits(each))
  }
}

export const path: ValueType = {
  form: 'path',
  range: 'the path of a file',
  accepts: value => isText(value) && isAbsolute(value)
}

export const jar: ValueType = {
  form: 'path',
  range: 'the path of a cookie file, or none',
  accepts: value => value === 'none' || path.accepts(value)
}

export const paths: ValueType = {
  form: 'paths',
  range: 'paths of files, with commas between',
  accepts: value => Array.isArray(value) && value.length <= 100 && value.every(path.accepts)
}

export const secret: ValueType = {
  form: 'secret',
  range: 'a reference to a secret, not the secret itself',
  hint: `Secrets are never stored; give ${referenceForms}.`,
  accepts: value => isText(value) && isLastingReference(value)
}

export const user: ValueType = {
  form: 'secret',
  range: 'a name without a colon, or a reference to NAME:PASSWORD',
  hint: `Passwords are never stored. NAME:PASSWORD as a whole may be ${referenceForms}; or set credentials.user=NAME and credentials.password=env:VARIABLE.`,
  accepts: value => isText(value) && (isLastingReference(value) || !/:|^@/.test(value))
}

/** What a hook runs. */
export const command: ValueType = {
  ...line('a command that needs no shell', text => !('fault' in parseHookCommand(text))),
  form: 'command',
  hint: "Let a shell run what needs one: sh -c '...'"
}

const timeOfDay = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const twoTimesOfDay = new RegExp(`^${timeOfDay}-${timeOfDay}$`)

/** Hours of every day; they may cross midnight. */
export const dailyWindow: ValueType = line('two times of the day, such as 01:00-06:00', text =>
  twoTimesOfDay.test(text)
)

/** Addresses that a name resolves to. */
export const addresses: ValueType = lines('IP addresses with commas between', address => isIP(address) !== 0)

/** Without user name and password, which have keys of their own. */
export const proxyAddress: ValueType = {
  form: 'text',
  range: 'none, HOST:PORT, http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT',
  hint: 'A user name and a password go into proxy.user and proxy.password.',
  accepts: value => value === 'none' || (isText(value) && isProxyAddress(value))
}

function isProxyAddress(text: string): boolean {
  if (text.includes('@') || !/:\d+\/?$/.test(text)) return false
  try {
    parseProxyAddress(text)
    return true
  } catch {
    return false
  }
}

const sha256InBase64 = /^[A-Za-z0-9+/]{43}=$/
export const pins: ValueType = lines(
  'SHA-256 digests of public keys in base64 (what follows sha256// for --pinnedpubkey), with commas between',
  pin => sha256InBase64.test(pin)
)

/** A header's value; what may be a secret is looked at with its name. */
export const headerValue: ValueType = {
  form: 'header',
  range: 'text without control characters and not empty, or a reference to a secret',
  accepts: isText
}
