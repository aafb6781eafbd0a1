import type {ResumeData} from './resume-data.ts'

/** The most that one text of resume data, one list in it, and a whole file of it may have: characters, items, bytes. */
export const longestText = 8192
export const longestList = 100
export const largestFile = 256 * 1024

/** What to do where a transfer cannot leave resume data. */
export const howToLeaveResumeData = `Leave out --no-resume, give --ephemeral a --resume-data FILE, and no address or header more than ${longestText} characters.`

/** A name and nothing else, on every platform: resume data never chooses a folder (security P11). */
export const plainName = /^[^/\\\x00-\x1F]+$/

// Resume data is written again and again, and its numbers grow.
const roomToGrow = 4096

/**
 * Could what is to be written as resume data be read again? An address, a header, or what a server has said may be too
 * long for it, and a file may have a name that is a path elsewhere. Such a transfer leaves none, and cannot be resumed.
 */
export function fitsResumeData(data: ResumeData): boolean {
  const names = data.kind === 'download' ? [data.destination.name, data.partial.name] : []
  const text = JSON.stringify(data, undefined, 1)
  const isShort = Buffer.byteLength(text) <= largestFile - roomToGrow && hasShortParts(data)
  return isShort && names.every(name => plainName.test(name))
}

/** Is each text and each list in it short enough for resume data? */
export function hasShortParts(content: unknown): boolean {
  if (typeof content === 'string') return content.length <= longestText
  if (typeof content !== 'object' || content === null) return true
  if (Array.isArray(content) && content.length > longestList) return false
  return Object.values(content).every(hasShortParts)
}
