import {TransferError} from '../engine/index.ts'
import {nearestWord} from '../profiles/nearest-word.ts'
import type {FlagDeclaration, FlagTable, FlagValues} from './flag-table.ts'

/** The command line of one command, read: what was given, and the words that are no flags. */
export interface Words<T extends FlagTable> {
  readonly flags: FlagValues<T>
  readonly operands: readonly string[]
  /** The flags once more, in the order in which they were given. */
  readonly given: readonly GivenFlag[]
}

export interface GivenFlag {
  readonly name: string
  /** Of a switch: an empty one. */
  readonly value: string
}

/** How a word that the table does not know, or a misuse of one that it knows, is explained; undefined = no idea. */
export type ExplainFlag = (flag: string) => {readonly message: string; readonly hint?: string} | undefined

interface Reading {
  readonly table: FlagTable
  readonly explain: ExplainFlag
  readonly pending: string[]
  readonly values: Map<string, true | string | string[]>
  readonly operands: string[]
  readonly given: GivenFlag[]
}

/**
 * Reads words as getopt_long and curl do: clusters (-fsSL), glued values (-oF, --output=F), flags between operands,
 * the last of several wins, a value may begin with a dash. Rejects with USAGE; values, which may be secrets, are
 * never repeated in a message.
 */
export function readWords<T extends FlagTable>(
  argv: readonly string[],
  table: T,
  explain: ExplainFlag = () => undefined
): Words<T> {
  const reading: Reading = {table, explain, pending: [...argv], values: new Map(), operands: [], given: []}
  for (let word = reading.pending.shift(); word !== undefined; word = reading.pending.shift()) {
    if (word === '--') reading.operands.push(...reading.pending.splice(0))
    else if (word.startsWith('--')) readLong(reading, word)
    else if (word.startsWith('-') && word !== '-') readCluster(reading, word)
    else reading.operands.push(word)
  }
  const flags = Object.fromEntries(reading.values) as FlagValues<T>
  return {flags, operands: reading.operands, given: reading.given}
}

function readLong(reading: Reading, word: string): void {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals === -1 ? undefined : equals)
  const declaration = declarationOf(reading.table, name)
  if (!declaration) throw unknownFlag(reading, `--${name}`)
  const glued = equals === -1 ? undefined : word.slice(equals + 1)
  if (declaration.kind !== 'switch') return give(reading, name, glued ?? nextWord(reading, name))
  if (glued !== undefined) {
    throw usage(reading.explain(`--${name}=`) ?? {message: `--${name} takes no value`})
  }
  give(reading, name, true)
}

function readCluster(reading: Reading, word: string): void {
  const whole = reading.explain(word)
  if (whole && word.length > 2) throw usage(whole)
  for (let index = 1; index < word.length; index++) {
    const char = word.charAt(index)
    const name = nameOf(reading.table, char)
    if (name === undefined) {
      // Two letters that belong together elsewhere (wget's -O-).
      const pair = index > 1 ? reading.explain(`-${word.charAt(index - 1)}${char}`) : undefined
      throw pair ? usage(pair) : unknownFlag(reading, `-${char}`)
    }
    const declaration = declarationOf(reading.table, name)
    if (declaration?.kind === 'switch') give(reading, name, true)
    else return give(reading, name, word.slice(index + 1) || nextWord(reading, name))
  }
}

function give(reading: Reading, name: string, value: true | string): void {
  const declaration = declarationOf(reading.table, name)
  for (const replaced of declaration?.replaces ?? []) reading.values.delete(replaced)
  if (declaration?.choices && !declaration.choices.includes(String(value))) {
    throw usage({message: `${spelling(name, declaration)} must be one of ${declaration.choices.join(', ')}`})
  }
  reading.given.push({name, value: value === true ? '' : value})
  if (declaration?.kind !== 'list') {
    reading.values.set(name, value)
    return
  }
  const list = reading.values.get(name)
  if (Array.isArray(list)) list.push(String(value))
  else reading.values.set(name, [String(value)])
}

function nextWord(reading: Reading, name: string): string {
  const word = reading.pending.shift()
  if (word !== undefined) return word
  const declaration = declarationOf(reading.table, name)
  throw usage({
    message: `${spelling(name, declaration)} needs a value: ${declaration?.placeholder ?? 'VALUE'}`
  })
}

function unknownFlag(reading: Reading, flag: string): TransferError {
  return usage(reading.explain(flag) ?? unknown(reading, flag))
}

function unknown(reading: Reading, flag: string): {message: string; hint?: string} {
  const message = `There is no flag ${JSON.stringify(flag).slice(1, -1)}`
  const near = nearestName(Object.keys(reading.table), flag)
  return near === undefined ? {message} : {message, hint: `Did you mean --${near}?`}
}

function usage(explanation: {readonly message: string; readonly hint?: string}): TransferError {
  return new TransferError(
    'USAGE',
    explanation.message,
    explanation.hint === undefined ? {} : {hint: explanation.hint}
  )
}

function spelling(name: string, declaration: FlagDeclaration | undefined): string {
  return declaration?.char === undefined ? `--${name}` : `-${declaration.char}/--${name}`
}

function declarationOf(table: FlagTable, name: string): FlagDeclaration | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function nameOf(table: FlagTable, char: string): string | undefined {
  for (const name in table) if (table[name]?.char === char) return name
  return undefined
}

/** The declared name that a misspelt long flag most likely meant: at most two letters away. */
function nearestName(names: readonly string[], flag: string): string | undefined {
  if (!flag.startsWith('--') || flag.length < 5) return undefined
  return nearestWord(names, flag.slice(2))
}
