const directive = /[ \t,]*([!#$%&'*+.^_`|~\w-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?[ \t]*(?=,|$)/y

/**
 * RFC 9111, 5.2: directives by name in lower case, with their argument or ''. Of arguments that contradict each other
 * the smaller number counts (4.2.1 wants such answers to be stale). What cannot be read ends the reading at its comma.
 */
export function parseCacheControl(value: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  let position = 0
  while (position < value.length) {
    directive.lastIndex = position
    const match = directive.exec(value)
    if (!match) {
      const comma = value.indexOf(',', position)
      if (comma < 0) break
      position = comma + 1
      continue
    }
    position = directive.lastIndex
    const [, name = '', quoted, plain = ''] = match
    add(directives, {name: name.toLowerCase(), argument: quoted ?? plain})
  }
  return directives
}

function add(directives: Map<string, string>, {name, argument}: {name: string; argument: string}): void {
  const before = directives.get(name)
  if (before === undefined || isSmaller(argument, before)) directives.set(name, argument)
}

function isSmaller(one: string, other: string): boolean {
  const [first, second] = [secondsOf(one), secondsOf(other)]
  return first !== undefined && (second === undefined || first < second)
}

/** RFC 9111, 1.2.2: a number of seconds, or undefined. */
export function secondsOf(argument: string | undefined): number | undefined {
  return argument !== undefined && /^\d+$/.test(argument) ? Math.min(Number(argument), 2 ** 31) : undefined
}
