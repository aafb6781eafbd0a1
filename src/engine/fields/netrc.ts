/** What a netrc file says about one machine. */
export interface NetrcEntry {
  /** undefined: any machine (the word default). */
  readonly machine: string | undefined
  readonly login: string | undefined
  readonly password: string | undefined
}

/** Whose password is looked for. */
export interface NetrcQuestion {
  /** The host name as a parsed address has it. */
  readonly host: string
  /** Only the password of this user; undefined takes any. */
  readonly user?: string | undefined
  /** May the entry for all machines answer? It may not where a server, and not a person, named the host. */
  readonly default: 'usable' | 'unusable'
}

interface OpenEntry {
  readonly machine: string | undefined
  login?: string
  password?: string
}

const keywords = new Set(['machine', 'default', 'login', 'password', 'account', 'macdef'])
const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t']
])

/**
 * Reads netrc text as curl does: words between blanks, "quotes" with escapes, # begins a comment only where a word would
 * begin, a macro goes to the next empty line. What cannot be understood is left out.
 */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const entries: OpenEntry[] = []
  const words = wordsOf(text)
  for (let index = 0; index < words.length; index += 1) {
    const keyword = words[index]?.toLowerCase() ?? ''
    if (!keywords.has(keyword)) continue
    if (keyword === 'default') {
      entries.push({machine: undefined})
      continue
    }
    index += 1
    const value = words[index]
    const entry = entries.at(-1)
    if (value === undefined) break
    if (keyword === 'machine') entries.push({machine: bare(value)})
    else if (keyword === 'login' && entry) entry.login ??= value
    else if (keyword === 'password' && entry) entry.password ??= value
  }
  return entries.map(({machine, login, password}) => ({machine, login, password}))
}

/**
 * The first entry, in the order of the file, that holds for a host. An entry without a name or a password answers
 * nothing: neither is ever filled in from another entry.
 */
export function findNetrcEntry(
  entries: readonly NetrcEntry[],
  question: NetrcQuestion
): {readonly login: string; readonly password: string} | undefined {
  const host = bare(question.host)
  for (const {machine, login, password} of entries) {
    const isMeant = machine === undefined ? question.default === 'usable' : machine === host
    if (!isMeant || (question.user !== undefined && login !== question.user)) continue
    return login === undefined || password === undefined ? undefined : {login, password}
  }
  return undefined
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = []
  let isMacro = false
  for (const line of text.split(/\r?\n/)) {
    if (isMacro) {
      isMacro = line.trim() !== ''
      continue
    }
    const found = wordsOfLine(line)
    const macro = found.findIndex(word => word.toLowerCase() === 'macdef')
    isMacro = macro >= 0 && !isValue(found[macro - 1] ?? words.at(-1))
    for (const word of isMacro ? found.slice(0, macro) : found) words.push(word)
  }
  return words
}

// A password may well be "macdef".
function isValue(before: string | undefined): boolean {
  return before !== undefined && ['machine', 'login', 'password', 'account'].includes(before.toLowerCase())
}

function wordsOfLine(line: string): readonly string[] {
  const words: string[] = []
  const pattern = /[ \t\f\v]*(?:(#.*)|"((?:[^"\\]|\\.)*)"?|([^ \t\f\v]+))/y
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const [, comment, quoted, plain] = match
    if (comment !== undefined) break
    words.push(
      quoted === undefined
        ? (plain ?? '')
        : quoted.replace(/\\(.)/g, (_, char: string) => escapes.get(char) ?? char)
    )
  }
  return words
}
