import type {UploadSource} from '../engine/index.ts'
import {readContent} from './read-content.ts'
import type {GivenFlag} from './read-words.ts'

const dataFlags = new Set(['data', 'data-ascii', 'data-binary', 'data-raw', 'data-urlencode'])

/** Those of the given flags that make up the data, in order. */
export function dataAmong(given: readonly GivenFlag[]): readonly GivenFlag[] {
  return given.filter(({name}) => dataFlags.has(name))
}

/**
 * Reads -d and its kin as curl does: one after another, with & between. A file that is all there is, and sent as it is,
 * stays a file and need not fit into memory. Rejects with READ_FAILED.
 */
export async function readData(given: readonly GivenFlag[]): Promise<UploadSource> {
  const [only, ...more] = given
  if (only?.name === 'data-binary' && more.length === 0 && /^@(?!-$)./s.test(only.value)) {
    return {kind: 'file', path: only.value.slice(1)}
  }
  const pieces: Uint8Array[] = []
  for (const flag of given) {
    if (pieces.some(({length}) => length > 0)) pieces.push(Buffer.from('&'))
    pieces.push(await pieceOf(flag))
  }
  return {kind: 'data', data: Buffer.concat(pieces)}
}

async function pieceOf({name, value}: GivenFlag): Promise<Uint8Array> {
  const file = value.startsWith('@') ? value.slice(1) : undefined
  switch (name) {
    case 'data-raw':
      return Buffer.from(value)
    case 'data-urlencode':
      return encodedPiece(value)
    case 'data-binary':
      return file === undefined ? Buffer.from(value) : readContent('--data-binary', file)
    default:
      return file === undefined ? Buffer.from(value) : withoutLineBreaks(await readContent(`--${name}`, file))
  }
}

// A NUL goes too: as in curl, this is for text.
function withoutLineBreaks(content: Uint8Array): Uint8Array {
  return content.filter(byte => byte !== 0x0a && byte !== 0x0d && byte !== 0)
}

// CONTENT, =CONTENT, NAME=CONTENT, @FILE, NAME@FILE; an equals sign decides before an @.
async function encodedPiece(value: string): Promise<Uint8Array> {
  const [, name = '', mark, rest = ''] =
    /^([^=]*)(=)(.*)$/s.exec(value) ?? /^([^@]*)(@)(.*)$/s.exec(value) ?? []
  if (mark === undefined) return Buffer.from(encode(Buffer.from(value)))
  const content = mark === '@' ? await readContent('--data-urlencode', rest) : Buffer.from(rest)
  return Buffer.from(name === '' ? encode(content) : `${name}=${encode(content)}`)
}

const unreserved = /[A-Za-z0-9\-._~]/

// application/x-www-form-urlencoded as curl writes it: a blank is a plus, everything else but RFC 3986's unreserved
// characters is escaped.
function encode(content: Uint8Array): string {
  let text = ''
  for (const byte of content) {
    const character = String.fromCharCode(byte)
    text += unreserved.test(character)
      ? character
      : byte === 0x20
        ? '+'
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
