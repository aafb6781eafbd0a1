import {codingsOf} from '../exchange/content-codings.ts'
import {differenceOf, validatorsOf} from '../exchange/validators.ts'
import type {Validators} from '../exchange/validators.ts'
import {parseContentRange, parseUnsatisfiedRange} from '../fields/content-range.ts'
import type {ContentRange} from '../fields/content-range.ts'
import {sameEntityTag} from '../fields/entity-tag.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import type {Held} from './range-request.ts'

/** Where the body of an answer belongs. */
export type Placement =
  /** Its bytes go behind what is there, from `offset` on; `total` undefined: not said. */
  | {readonly kind: 'append'; readonly offset: number; readonly total: number | undefined}
  /** Its bytes are the whole representation. same: it is the version that is there already. */
  | {
      readonly kind: 'restart'
      readonly total: number | undefined
      readonly content: 'same' | 'changed'
      readonly reason: string
    }
  /** Everything may be here already: ask for the validators to be sure. */
  | {readonly kind: 'confirm'; readonly total: number}
  /** This answer is of no use; ask again without a range. changed: the resource is another one now. */
  | {readonly kind: 'refetch'; readonly why: 'changed' | 'unusable'; readonly reason: string}

/**
 * Decides what an answer below 400, a 412 or a 416 means for what is held (D5-D21). The status is a hint, the
 * Content-Range is the truth, and bytes are joined only when nothing contradicts that they are of one version.
 */
export function placeResponse(held: Held | undefined, response: URLResponse): Placement {
  const range = parseContentRange(headerValue(response.headers, 'content-range') ?? '')
  if (!held) return placeUnasked(response, range)
  if (response.status === 416) return placeUnsatisfied(held, response)
  if (response.status === 412) return changed('The resource has changed (412)')
  const difference = differenceOf(held.validators, validatorsOf(response))
  if (response.status === 206) return difference ? changed(difference) : placePartial(held, {response, range})
  if (range) {
    return difference || codingsOf(response).length > 0 || !isContinuation(held, {response, range})
      ? unusable('The server sent a piece with the status of the whole')
      : append(range)
  }
  const total = response.expectedContentLength
  const isSame =
    !difference &&
    isPossibleTotal(held, total) &&
    isSameStrongVersion(held.validators, validatorsOf(response))
  return {
    kind: 'restart',
    total,
    content: isSame ? 'same' : 'changed',
    reason: isSame
      ? 'The server does not continue transfers'
      : (difference ?? 'The server sent the whole resource')
  }
}

interface PartialAnswer {
  readonly response: URLResponse
  readonly range: ContentRange | undefined
}

function placeUnasked(response: URLResponse, range: ContentRange | undefined): Placement {
  if (response.status === 206 || range) {
    if (range?.first !== 0) return unusable('The server sent a piece that nobody asked for')
    const whole = range.completeLength !== undefined && range.last + 1 === range.completeLength
    if (!whole) return unusable('The server sent a piece that nobody asked for')
  }
  return {
    kind: 'restart',
    total: response.expectedContentLength,
    content: 'changed',
    reason: 'Nothing was there'
  }
}

function placePartial(held: Held, {response, range}: PartialAnswer): Placement {
  if (!range) return unusable('The server sent a piece and did not say which')
  if (codingsOf(response).length > 0) return unusable('The server sent a piece of encoded content')
  if (held.total !== undefined && range.completeLength !== undefined && range.completeLength !== held.total) {
    return changed(`The resource has ${range.completeLength} bytes now, it had ${held.total}`)
  }
  if (range.completeLength !== undefined && range.completeLength < held.offset)
    return changed('The resource is shorter now')
  if (held.total !== undefined && range.last >= held.total) return changed('The resource is longer now')
  if (range.first > held.offset) return unusable('The server skipped bytes')
  const length = response.expectedContentLength
  if (length !== undefined && length !== range.last - range.first + 1) {
    return unusable('The length of the piece contradicts its range')
  }
  return append(range)
}

function isContinuation(held: Held, {response, range}: PartialAnswer): boolean {
  const length = response.expectedContentLength
  return (
    range !== undefined &&
    range.first === held.offset &&
    length === range.last - range.first + 1 &&
    (held.total === undefined || range.completeLength === held.total)
  )
}

function placeUnsatisfied(held: Held, response: URLResponse): Placement {
  const total = parseUnsatisfiedRange(headerValue(response.headers, 'content-range') ?? '') ?? held.total
  if (total === held.offset) return {kind: 'confirm', total}
  return changed('The resource ends before what is here')
}

function append(range: ContentRange): Placement {
  return {kind: 'append', offset: range.first, total: range.completeLength}
}

function changed(reason: string): Placement {
  return {kind: 'refetch', why: 'changed', reason}
}

function unusable(reason: string): Placement {
  return {kind: 'refetch', why: 'unusable', reason}
}

// A tag that stays the same over another length is a lie, and nobody knows which bytes it tells of (D21).
function isPossibleTotal(held: Held, total: number | undefined): boolean {
  if (total === undefined) return true
  return held.total === undefined ? total >= held.offset : total === held.total
}

function isSameStrongVersion(before: Validators, now: Validators): boolean {
  return (
    before.entityTag !== undefined &&
    now.entityTag !== undefined &&
    sameEntityTag(before.entityTag, now.entityTag)
  )
}
