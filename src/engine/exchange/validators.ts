import {isStrong} from '../fields/entity-tag.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'

/** What identifies the version of a representation, as its server said it. */
export interface Validators {
  readonly entityTag: string | undefined
  readonly lastModified: string | undefined
  readonly date: string | undefined
}

/** The validators of an answer. */
export function validatorsOf({headers}: URLResponse): Validators {
  return {
    entityTag: headerValue(headers, 'etag'),
    lastModified: headerValue(headers, 'last-modified'),
    date: headerValue(headers, 'date')
  }
}

/** What contradicts that both are one version; silence on one side is no contradiction (D5). */
export function differenceOf(before: Validators, now: Validators): string | undefined {
  if (before.entityTag !== undefined && now.entityTag !== undefined) {
    return opaque(before.entityTag) === opaque(now.entityTag) &&
      isStrong(now.entityTag) === isStrong(before.entityTag)
      ? undefined
      : 'The entity tag is another one'
  }
  if (
    before.lastModified !== undefined &&
    now.lastModified !== undefined &&
    before.lastModified !== now.lastModified
  ) {
    return 'The resource was modified'
  }
  return undefined
}

function opaque(entityTag: string): string {
  return entityTag.replace(/^W\//, '')
}
