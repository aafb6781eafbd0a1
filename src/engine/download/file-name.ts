import {isUtf8} from 'node:buffer'
import {decodeExtended, parse} from 'content-disposition'
import filenamify from 'filenamify'
import {cut, longestBase} from '../files/beside.ts'

/** Normalizing takes quadratic time on piles of combining marks, so a name is bounded before it. */
const longestCandidate = 4096
const longestExtension = 40

// Devices in every folder of Windows, whatever the extension: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i

// What most names are, and nothing has to be done for.
const plainName = /^[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-])){0,99}$/i

export type NameSources = {
  readonly contentDisposition?: string | undefined
  /** The URL the user gave. A redirect never names a file (CVE-2010-2252, CVE-2019-10751). */
  readonly url: URL
}

/** The name a download gets when nobody named it: from the header, else from the URL, else "download". */
export function chooseFileName({contentDisposition, url}: NameSources): string {
  const header =
    contentDisposition === undefined ? undefined : fileNameFromContentDisposition(contentDisposition)
  return cleanName(header ?? '') ?? safeFileName(fileNameFromUrl(url) ?? '')
}

/**
 * Turns any text into one name that is safe to create in a folder, the same on every platform: no path, no leading dot or dash,
 * no device, no control character, at most 231 bytes. Percent escapes are text here: whoever read the name has decoded it, once.
 */
export function safeFileName(candidate: string): string {
  if (plainName.test(candidate) && !deviceName.test(candidate)) return candidate
  return cleanName(candidate) ?? 'download'
}

/** The last segment of the path, decoded once if it is UTF-8, as it stands if not. Undefined for a path that ends in a slash. */
export function fileNameFromUrl(url: URL): string | undefined {
  const name = lastPart(decodeOnce(lastPart(url.pathname)))
  return name === '' ? undefined : name
}

/**
 * RFC 6266: what a Content-Disposition field (each character one byte, as the parser hands it over) says the file is called,
 * unsafe as it is. A readable `filename*` wins over `filename`.
 */
export function fileNameFromContentDisposition(value: string): string | undefined {
  const text = decodeBytes(value)
  // Servers that leave out "attachment;" still mean it.
  const {parameters} = parse(/^[^;"]*=/.test(text) ? `attachment;${text}` : text)
  const extended = parameters['filename*']
  const name = (extended === undefined ? undefined : decodeExtended(extended)) ?? parameters['filename']
  return name === '' ? undefined : name
}

// The order of the steps is security.md 6.2: each relies on those before it.
function cleanName(candidate: string): string | undefined {
  const visible = lastPart(candidate)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
  const composed = shorten(visible.trimStart(), longestCandidate).normalize('NFC')
  const name = shorten(withoutTrailingDots(composed).replace(/^[.-]+/, '_'), longestBase)
  if (name === '') return undefined
  const guarded = deviceName.test(name) ? shorten(`_${name}`, longestBase) : name
  // Replaces the reserved characters, and trims what a cut has left at the end.
  return filenamify(guarded, {replacement: '_', maxLength: longestBase})
}

function lastPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

function decodeOnce(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

// Header fields arrive as Latin-1; many servers send UTF-8, and Latin-1 text is next to never valid UTF-8 by accident.
function decodeBytes(value: string): string {
  const bytes = Buffer.from(value, 'latin1')
  return bytes.toString('latin1') === value && isUtf8(bytes) ? bytes.toString('utf8') : value
}

function shorten(name: string, limit: number): string {
  if (Buffer.byteLength(name) <= limit) return name
  const extension = extensionOf(name)
  const base = name.slice(0, name.length - extension.length)
  return cut(base, limit - Buffer.byteLength(extension)) + extension
}

function extensionOf(name: string): string {
  const extension = /(?:\.tar)?\.[^.]+$/i.exec(name)?.[0] ?? ''
  return Buffer.byteLength(extension) <= longestExtension ? extension : ''
}

// A loop, because /[.\s]+$/ takes quadratic time on a name full of blanks.
function withoutTrailingDots(name: string): string {
  let end = name.length
  while (end > 0 && /[.\s]/.test(name.charAt(end - 1))) end--
  return name.slice(0, end)
}
