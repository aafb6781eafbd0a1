import {parseContentEncoding} from '../fields/content-encoding.ts'
import type {URLResponse} from '../url-request.ts'

/** Content codings of an answer other than identity, in the order in which they were applied. */
export function codingsOf({headers}: URLResponse): readonly string[] {
  return parseContentEncoding(
    headers.filter(([name]) => name === 'content-encoding').map(([, value]) => value)
  )
}
