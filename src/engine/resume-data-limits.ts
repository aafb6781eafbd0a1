/** The most that one text of resume data, one list in it, and a whole file of it may have: characters, items, bytes. */
export const longestText = 8192
export const longestList = 100
export const largestFile = 256 * 1024

// Resume data is written again and again, and its numbers grow.
const roomToGrow = 4096

/**
 * Could what is to be written as resume data be read again? An address, a header, or what a server has said may be too
 * long for it. Such a transfer leaves none, and cannot be resumed.
 */
export function fitsResumeData(content: object): boolean {
  const text = JSON.stringify(content, undefined, 1)
  return Buffer.byteLength(text) <= largestFile - roomToGrow && hasShortParts(content)
}

function hasShortParts(content: unknown): boolean {
  if (typeof content === 'string') return content.length <= longestText
  if (typeof content !== 'object' || content === null) return true
  if (Array.isArray(content) && content.length > longestList) return false
  return Object.values(content).every(hasShortParts)
}
