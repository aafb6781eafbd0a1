import {hash} from 'node:crypto'
import {basename} from 'node:path'

/** What every file system we write to takes as one name, in bytes. */
const longestName = 255
/** Room for ".part", ".ferry" and the random endings of files that get out of each other's way. */
const reservedForSuffixes = 24
/** A dash and 64 random bits: the longest of what may still come behind ".part", ".ferry" or ".lock". */
const longestEnding = 17
/** The most bytes of a name that leaves room for those of the files beside it. */
export const longestBase = longestName - reservedForSuffixes

/** The path of a file that belongs to a target and stands in its folder, under a name made of the target's. */
export function beside(target: string, naming: (name: string) => string): string {
  const name = basename(target)
  return target.slice(0, target.length - name.length) + naming(name)
}

/** Where the bytes of `name` gather, beside it. */
export function partialName(name: string): string {
  return withSuffix(name, '.part')
}

/** What says that somebody is at work on `name`, beside it. */
export function lockName(name: string): string {
  return withSuffix(name, '.lock')
}

/** Where the resume data of `name` lies, beside it. */
export function resumeDataName(name: string): string {
  return withSuffix(name, '.ferry')
}

// Two long names that begin alike must not share one partial file, hence the digest.
function withSuffix(name: string, suffix: string): string {
  const whole = `${name}${suffix}`
  if (Buffer.byteLength(whole) <= longestName - longestEnding) return whole
  const mark = `~${hash('sha256', name).slice(0, 8)}`
  return `${cut(name, longestBase - mark.length)}${mark}${suffix}`
}

/** The beginning of a text, so many bytes at most: never inside a character, `encodeInto` writes whole ones only. */
export function cut(text: string, limit: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(limit)).read)
}
