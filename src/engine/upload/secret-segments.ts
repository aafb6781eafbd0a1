import type {UploadPart} from '../upload-resume-data.ts'

// What is shorter can be guessed, or is a word.
const shortest = 16

/**
 * What makes the addresses of upload resources known to nobody else: whoever has one may write to it. The parts of their
 * paths that nobody could guess, and that are not in the address that the user gave.
 */
export function secretSegments(parts: readonly UploadPart[], given: URL): readonly string[] {
  const known = new Set(given.pathname.split('/'))
  return parts
    .flatMap(({url}) => new URL(url).pathname.split('/'))
    .filter(segment => segment.length >= shortest && !known.has(segment))
}
