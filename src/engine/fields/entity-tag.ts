export type EntityTag = {
  /** What stands between the quotes. */
  readonly opaque: string
  readonly weak: boolean
}

/** RFC 9110, 8.8.3. An unquoted tag is no tag: nobody can say where it ends. */
export function parseEntityTag(value: string): EntityTag | undefined {
  const match = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(value.trim())
  if (!match) return undefined
  return {opaque: match[2] ?? '', weak: match[1] !== undefined}
}

/** Whether equal tags of this kind promise equal bytes. False for junk. */
export function isStrong(value: string): boolean {
  return parseEntityTag(value)?.weak === false
}

/** RFC 9110, 8.8.3.2, strong comparison: weak tags equal nothing, not even themselves. */
export function sameEntityTag(a: string, b: string): boolean {
  const [one, other] = [parseEntityTag(a), parseEntityTag(b)]
  if (!one || !other || one.weak || other.weak) return false
  return one.opaque === other.opaque
}
