import type {OriginRequest} from '../origin/request.ts'

/** A Boolean of RFC 9651; another value counts as if the field were not there. */
export function booleanField(request: OriginRequest, name: string): boolean | undefined {
  const value = request.header(name)
  return value === '?1' ? true : value === '?0' ? false : undefined
}

/** A non-negative Integer of RFC 9651; another value counts as if the field were not there. */
export function integerField(request: OriginRequest, name: string): number | undefined {
  const value = request.header(name)
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** Content-Length; undefined for content in chunks. */
export function contentLength(request: OriginRequest): number | undefined {
  if (request.header('transfer-encoding') !== undefined) return undefined
  return integerField(request, 'content-length') ?? 0
}
