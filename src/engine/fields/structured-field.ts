/** A value of a structured field as far as anybody here asks: integers and booleans; the rest is only skipped. */
export type BareItem =
  | {readonly kind: 'integer'; readonly value: number}
  | {readonly kind: 'boolean'; readonly value: boolean}
  | {readonly kind: 'other'}

const key = '[a-z*][a-z0-9_\\-.*]*'
const integer = '-?\\d{1,15}(?![\\d.])'
const bareItem = [
  integer,
  '-?\\d{1,12}\\.\\d{1,3}(?![\\d.])',
  '"(?:[\\x20\\x21\\x23-\\x5B\\x5D-\\x7E]|\\\\["\\\\])*"',
  "[A-Za-z*][!#$%&'*+\\-.^_`|~0-9A-Za-z:/]*",
  ':[A-Za-z0-9+/=]*:',
  '\\?[01]',
  `@${integer}`,
  '%"(?:[\\x20\\x21\\x23\\x24\\x26-\\x7E]|%[0-9a-f]{2})*"'
].join('|')
const parameters = `(?:; *${key}(?:=(?:${bareItem}))?)*`
const item = `(?:${bareItem})${parameters}`
const innerList = `\\( *(?:${item}(?: +${item})* *)?\\)${parameters}`
const wholeItem = new RegExp(`^ *(${bareItem})${parameters} *$`)
const member = new RegExp(`(${key})(?:=(?:(${bareItem})${parameters}|${innerList})|${parameters})`, 'y')
const blank = /[ \t]*/y

/** RFC 9651, 4.2.3: one item; what its parameters say means nothing to whoever does not know them. */
function parseItem(value: string): BareItem | undefined {
  const text = wholeItem.exec(value)?.[1]
  return text === undefined ? undefined : bareItemOf(text)
}

/** RFC 9651, 3.3.1: an integer of at most 15 digits; undefined for anything else. */
export function parseInteger(value: string): number | undefined {
  const read = parseItem(value)
  return read?.kind === 'integer' ? read.value : undefined
}

/** RFC 9651, 3.3.6: ?1 or ?0; undefined for anything else. */
export function parseBoolean(value: string): boolean | undefined {
  const read = parseItem(value)
  return read?.kind === 'boolean' ? read.value : undefined
}

/** RFC 9651, 4.2.2: members by key, of several with one key the last. Undefined where it is no dictionary. */
export function parseDictionary(value: string): ReadonlyMap<string, BareItem> | undefined {
  const members = new Map<string, BareItem>()
  let position = /^ */.exec(value)?.[0].length ?? 0
  while (position < value.length) {
    member.lastIndex = position
    const match = member.exec(value)
    if (!match) return undefined
    const [whole, name = '', bare] = match
    members.set(name, memberOf(whole.slice(name.length), bare))
    position = blankEnd(value, member.lastIndex)
    if (position === value.length) return members
    if (value[position] !== ',') return undefined
    position = blankEnd(value, position + 1)
    // A comma at the end announces a member that does not come.
    if (position === value.length) return undefined
  }
  return members
}

function blankEnd(value: string, from: number): number {
  blank.lastIndex = from
  blank.test(value)
  return blank.lastIndex
}

function memberOf(rest: string, bare: string | undefined): BareItem {
  if (bare !== undefined) return bareItemOf(bare)
  return rest.startsWith('=') ? {kind: 'other'} : {kind: 'boolean', value: true}
}

function bareItemOf(text: string): BareItem {
  if (/^-?\d+$/.test(text)) return {kind: 'integer', value: Number(text)}
  if (text === '?1' || text === '?0') return {kind: 'boolean', value: text === '?1'}
  return {kind: 'other'}
}
