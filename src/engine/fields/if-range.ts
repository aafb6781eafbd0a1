import {isStrong} from './entity-tag.ts'
import {parseHttpDate} from './http-date.ts'

/** The fields of a reply that tell one version of a resource from another, as received. */
export type Validators = {
  readonly entityTag?: string | undefined
  readonly lastModified?: string | undefined
  readonly date?: string | undefined
}

// RFC 9110, 8.8.2.2 is content with one second; a minute also covers servers that disagree about the time.
const settled = 60 * 1000

/**
 * RFC 9110, 13.1.5: the value of If-Range, or undefined if no validator here proves that bytes are the same.
 * A date stands in for a tag that is absent, never for one that is weak or broken.
 */
export function ifRange({entityTag, lastModified, date}: Validators): string | undefined {
  if (entityTag !== undefined) return isStrong(entityTag) ? entityTag.trim() : undefined
  if (lastModified === undefined || date === undefined) return undefined
  const [modified, replied] = [parseHttpDate(lastModified), parseHttpDate(date)]
  if (modified === undefined || replied === undefined) return undefined
  return replied - modified >= settled ? lastModified.trim() : undefined
}

/** Whether a transfer with these validators can be continued without the risk of joining two versions. */
export function hasStrongValidator(validators: Validators): boolean {
  return ifRange(validators) !== undefined
}
