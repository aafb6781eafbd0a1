import type {OriginRequest} from './request.ts'
import type {Resource} from './resource.ts'

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')

function strongMatch(wanted: string, tag: string | undefined): boolean {
  return tag !== undefined && !tag.startsWith('W/') && wanted.trim() === tag
}

function anyTag(list: string, same: (wanted: string) => boolean): boolean {
  return list.trim() === '*' || list.split(',').some(same)
}

function isLater(date: string | undefined, than: string): boolean {
  return date === undefined || Date.parse(date) > Date.parse(than)
}

/** The status that the conditions of the request ask for (RFC 9110, 13.2.2), or undefined when they hold. */
export function precondition(resource: Resource, request: OriginRequest): 304 | 412 | undefined {
  if (resource.preconditions === 'ignored') return undefined
  const {entityTag, lastModified} = resource
  const ifMatch = request.header('if-match')
  const unmodifiedSince = request.header('if-unmodified-since')
  if (ifMatch !== undefined && !anyTag(ifMatch, wanted => strongMatch(wanted, entityTag))) return 412
  if (ifMatch === undefined && unmodifiedSince !== undefined && isLater(lastModified, unmodifiedSince))
    return 412
  const ifNoneMatch = request.header('if-none-match')
  const modifiedSince = request.header('if-modified-since')
  if (ifNoneMatch !== undefined) {
    return anyTag(ifNoneMatch, wanted => entityTag !== undefined && opaque(wanted) === opaque(entityTag))
      ? 304
      : undefined
  }
  return modifiedSince !== undefined && !isLater(lastModified, modifiedSince) ? 304 : undefined
}

/** Whether If-Range lets the range through: a strong tag that matches, or exactly the date of the last change. */
export function ifRangeHolds(resource: Resource, request: OriginRequest): boolean {
  const condition = request.header('if-range')
  if (condition === undefined || resource.ifRange === 'ignored') return true
  return strongMatch(condition, resource.entityTag) || condition === resource.lastModified
}
