import {ifRangeHolds, precondition} from './preconditions.ts'
import type {OriginRequest} from './request.ts'
import type {Fault, Resource} from './resource.ts'
import {bodySize} from './resource.ts'

/** Part of a body: bytes of the resource, or a text of the answer's own. */
export type Part = {readonly offset: number; readonly length: number} | {readonly text: string}

/** What a resource says to a request, before anything is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly parts: readonly Part[]
  readonly framing: 'length' | 'chunked' | 'close'
}

interface Span {
  readonly first: number
  /** The position after the last byte. */
  readonly end: number
}

// RFC 9110, 14.1.2: one range only; anything else counts as unreadable and gets the whole.
function askedSpan(range: string, size: number): Span | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(range.trim())
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const last = match[1] === '' || match[2] === '' ? size - 1 : Number(match[2])
  if (last < first && first < size) return undefined
  return first >= size ? 'unsatisfiable' : {first, end: Math.min(last + 1, size)}
}

function bent(span: Span, fault: Fault, size: number): Span {
  const first = Math.min(Math.max(0, span.first + (fault.shiftRange ?? 0)), size - 1)
  return {first, end: Math.max(first + 1, span.end - (fault.shortenRange ?? 0))}
}

function text(status: number, sentence: string, headers: Answer['headers'] = {}): Answer {
  return {
    status,
    headers: {...headers, 'content-type': 'text/plain'},
    parts: [{text: sentence}],
    framing: 'length'
  }
}

function partial(resource: Resource, span: Span, fault: Fault): Answer {
  const total = fault.totalInRange ?? bodySize(resource)
  const contentRange = `bytes ${span.first}-${span.end - 1}/${total}`
  const bytes = {offset: span.first, length: span.end - span.first}
  const framing = resource.framing ?? 'length'
  if (fault.rangeForm !== 'multipart') {
    return {status: 206, headers: {'content-range': contentRange}, parts: [bytes], framing}
  }
  const opening = `--seam\r\nContent-Type: application/octet-stream\r\nContent-Range: ${contentRange}\r\n\r\n`
  return {
    status: 206,
    headers: {'content-type': 'multipart/byteranges; boundary=seam'},
    parts: [{text: opening}, bytes, {text: '\r\n--seam--\r\n'}],
    framing
  }
}

function represent(resource: Resource, request: OriginRequest, fault: Fault): Answer {
  const size = bodySize(resource)
  const framing = resource.framing ?? 'length'
  const status = precondition(resource, request)
  if (status === 304) return {status, headers: {}, parts: [], framing}
  if (status === 412) return text(412, 'the precondition failed')
  const range = request.header('range')
  const whole: Answer = {status: 200, headers: {}, parts: [{offset: 0, length: size}], framing}
  if (range === undefined || resource.ranges === 'ignored' || !ifRangeHolds(resource, request)) return whole
  const span = askedSpan(range, size)
  if (span === undefined) return whole
  if (span !== 'unsatisfiable') return partial(resource, bent(span, fault, size), fault)
  const contentRange = resource.unsatisfied === 'withoutLength' ? undefined : `bytes */${size}`
  return text(416, 'the range is not satisfiable', {'content-range': contentRange})
}

function flooded(flood: Fault['headerFlood']): Record<string, string> {
  if (flood === undefined) return {}
  if ('bytes' in flood) return {'x-flood': 'f'.repeat(flood.bytes)}
  return Object.fromEntries(Array.from({length: flood.lines}, (_, line) => [`x-flood-${line}`, 'f']))
}

function replacement(fault: Fault): Answer | undefined {
  if (fault.redirect) {
    return text(fault.redirect.status, 'the resource is elsewhere', {location: fault.redirect.location})
  }
  const retryAfter = fault.retryAfter === undefined ? undefined : String(fault.retryAfter)
  const status = fault.status ?? (retryAfter === undefined ? undefined : 503)
  return status === undefined ? undefined : text(status, `status ${status}`, {'retry-after': retryAfter})
}

function describing(resource: Resource): Record<string, string | undefined> {
  return {
    date: resource.date,
    'content-type': resource.contentType ?? 'application/octet-stream',
    etag: resource.entityTag,
    'last-modified': resource.lastModified,
    'accept-ranges': resource.acceptRanges === 'absent' ? undefined : (resource.acceptRanges ?? 'bytes'),
    ...resource.headers
  }
}

function framingFields({parts, framing, status}: Answer): Record<string, string | undefined> {
  if (status === 304 || status === 204) return {}
  if (framing === 'chunked') return {'transfer-encoding': 'chunked'}
  return framing === 'close' ? {connection: 'close'} : {'content-length': String(partsLength(parts))}
}

export function partsLength(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + ('text' in part ? Buffer.byteLength(part.text) : part.length), 0)
}

/** Decides the whole answer: conditions, range, then what the fault makes of it. */
export function answer(resource: Resource, request: OriginRequest, fault: Fault): Answer {
  const other = replacement(fault)
  const said = other ?? represent(resource, request, fault)
  const headers = {
    ...(other ? {} : describing(resource)),
    ...said.headers,
    ...framingFields(said),
    ...flooded(fault.headerFlood),
    ...fault.headers
  }
  return {...said, headers}
}
