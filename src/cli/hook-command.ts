import {usageError} from './usage-error.ts'

/** A program and its words. No shell comes between: nothing in them is expanded. */
export interface HookCommand {
  readonly program: string
  readonly words: readonly string[]
}

// What a POSIX shell would act on: a command with one of these would quietly do something else without a shell.
const shellSyntax = '|><;&$`*?[()\n'
const shellSyntaxAtStart = '~#'
const shellSyntaxInDoubleQuotes = '$`'
const escapedInDoubleQuotes = '$`"\\'

/** Splits the command of a hook into words, as a POSIX shell would. Throws USAGE where only a shell could run it. */
export function readHookCommand(flag: string, command: string): HookCommand {
  const [program, ...words] = splitWords(flag, command)
  if (program === undefined || program === '') throw usageError(`${flag}: no command is given`)
  if (/^\w+=/.test(program)) throw shellNeeded(flag, 'an assignment')
  return {program, words}
}

/** Reads the characters one by one; `word` is undefined between words. */
function splitWords(flag: string, command: string): string[] {
  const words: string[] = []
  const characters = [...command][Symbol.iterator]()
  let word: string | undefined
  for (let next = characters.next(); !next.done; next = characters.next()) {
    const character = next.value
    if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === "'") word = (word ?? '') + singleQuoted(flag, characters)
    else if (character === '"') word = (word ?? '') + doubleQuoted(flag, characters)
    else if (character === '\\') {
      const text = escaped(flag, characters)
      if (text !== '') word = (word ?? '') + text
    } else {
      const active = word === undefined ? shellSyntax + shellSyntaxAtStart : shellSyntax
      if (active.includes(character)) throw shellNeeded(flag, JSON.stringify(character))
      word = (word ?? '') + character
    }
  }
  return word === undefined ? words : [...words, word]
}

type Characters = IterableIterator<string>

function following(flag: string, characters: Characters, what: string): string {
  const {value, done} = characters.next()
  if (done) throw usageError(`${flag}: ${what} is not closed`)
  return value
}

function singleQuoted(flag: string, characters: Characters): string {
  let text = ''
  for (;;) {
    const character = following(flag, characters, "a '")
    if (character === "'") return text
    text += character
  }
}

function doubleQuoted(flag: string, characters: Characters): string {
  let text = ''
  for (;;) {
    const character = following(flag, characters, 'a "')
    if (character === '"') return text
    if (shellSyntaxInDoubleQuotes.includes(character)) throw shellNeeded(flag, JSON.stringify(character))
    text += character === '\\' ? escapedQuoted(flag, characters) : character
  }
}

function escapedQuoted(flag: string, characters: Characters): string {
  const character = following(flag, characters, 'a "')
  if (character === '\n') return ''
  return escapedInDoubleQuotes.includes(character) ? character : `\\${character}`
}

function escaped(flag: string, characters: Characters): string {
  const {value, done} = characters.next()
  if (done) throw usageError(`${flag}: nothing follows the last backslash`)
  return value === '\n' ? '' : value
}

// The command itself stays out of the message: it may hold a secret.
function shellNeeded(flag: string, what: string) {
  return usageError(
    `${flag}: the command holds ${what}, which only a shell understands, and none runs it`,
    `Let a shell run it: ${flag} "sh -c '...'"; or keep the character as it is, with single quotes round it.`
  )
}
