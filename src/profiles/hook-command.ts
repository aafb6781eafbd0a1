/** A program and its words. No shell comes between: nothing in them is expanded. */
export interface HookCommand {
  readonly program: string
  readonly words: readonly string[]
}

/** Why a text is no command that can be run without a shell. */
export interface CommandFault {
  readonly fault: string
  readonly kind: 'malformed' | 'shellNeeded'
}

// What a POSIX shell would act on: a command with one of these would quietly do something else without a shell.
const shellSyntax = '|><;&$`*?[()\n'
const shellSyntaxAtStart = '~#'
const shellSyntaxInDoubleQuotes = '$`'
const escapedInDoubleQuotes = '$`"\\'

/** Splits the command of a hook into words, as a POSIX shell would; refuses what only a shell could run. */
export function parseHookCommand(command: string): HookCommand | CommandFault {
  const split = new WordSplitter(command).split()
  if ('fault' in split) return split
  const [program, ...words] = split.words
  if (program === undefined || program === '') return {fault: 'no command is given', kind: 'malformed'}
  if (/^\w+=/.test(program)) return shellNeeded('an assignment')
  return {program, words}
}

// The command itself stays out of what is said: it may hold a secret.
function shellNeeded(what: string): CommandFault {
  return {
    fault: `the command holds ${what}, which only a shell understands, and none runs it`,
    kind: 'shellNeeded'
  }
}

function malformed(fault: string): CommandFault {
  return {fault, kind: 'malformed'}
}

/** Reads the characters of one command, once. */
class WordSplitter {
  readonly #characters: IterableIterator<string>
  readonly #words: string[] = []
  /** Undefined between words. */
  #word: string | undefined

  constructor(command: string) {
    this.#characters = command[Symbol.iterator]()
  }

  split(): {readonly words: readonly string[]} | CommandFault {
    for (let next = this.#characters.next(); !next.done; next = this.#characters.next()) {
      const fault = this.#take(next.value)
      if (fault) return fault
    }
    this.#endWord()
    return {words: this.#words}
  }

  #take(character: string): CommandFault | undefined {
    if (character === ' ' || character === '\t') return this.#endWord()
    if (character === "'") return this.#singleQuoted()
    if (character === '"') return this.#doubleQuoted()
    if (character === '\\') return this.#escaped()
    const active = this.#word === undefined ? shellSyntax + shellSyntaxAtStart : shellSyntax
    if (active.includes(character)) return shellNeeded(JSON.stringify(character))
    return this.#add(character)
  }

  #add(text: string): undefined {
    this.#word = (this.#word ?? '') + text
  }

  #endWord(): undefined {
    if (this.#word !== undefined) this.#words.push(this.#word)
    this.#word = undefined
  }

  #singleQuoted(): CommandFault | undefined {
    this.#add('')
    for (;;) {
      const {value, done} = this.#characters.next()
      if (done) return malformed("a ' is not closed")
      if (value === "'") return undefined
      this.#add(value)
    }
  }

  #doubleQuoted(): CommandFault | undefined {
    this.#add('')
    for (;;) {
      const {value, done} = this.#characters.next()
      if (done) return malformed('a " is not closed')
      if (value === '"') return undefined
      if (shellSyntaxInDoubleQuotes.includes(value)) return shellNeeded(JSON.stringify(value))
      this.#add(value === '\\' ? escapedInQuotes(this.#characters.next().value) : value)
    }
  }

  // A line feed that is escaped continues the line.
  #escaped(): CommandFault | undefined {
    const {value, done} = this.#characters.next()
    if (done) return malformed('nothing follows the last backslash')
    return value === '\n' ? undefined : this.#add(value)
  }
}

function escapedInQuotes(character = ''): string {
  if (character === '\n') return ''
  return character !== '' && escapedInDoubleQuotes.includes(character) ? character : `\\${character}`
}
