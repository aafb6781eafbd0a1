import type {Dialect} from './dialect.ts'

/** What Upload-Limit announces: bytes, and whole seconds for maxAge. */
export interface Limits {
  readonly maxSize?: number
  readonly minSize?: number
  readonly maxAppendSize?: number
  readonly minAppendSize?: number
  readonly maxAge?: number
}

/** The value of Upload-Limit; undefined where the draft has none, or there is nothing to say. */
export function limitField(limits: Limits, {lifetimeKey}: Dialect): string | undefined {
  if (lifetimeKey === undefined) return undefined
  const entries = [
    ['max-size', limits.maxSize],
    ['min-size', limits.minSize],
    ['max-append-size', limits.maxAppendSize],
    ['min-append-size', limits.minAppendSize],
    [lifetimeKey, limits.maxAge]
  ] as const
  const known = entries.filter(([, value]) => value !== undefined)
  return known.length === 0 ? undefined : known.map(([key, value]) => `${key}=${value}`).join(', ')
}
