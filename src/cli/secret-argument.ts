import {Interrupted} from './interrupted.ts'
import {readTextFile} from './read-text-file.ts'
import {usageError} from './usage-error.ts'

/** A secret as it came, and whether other users of the machine could read it in the process list meanwhile. */
export interface Secret {
  readonly value: string
  readonly exposure: 'private' | 'commandLine'
}

/** Reads a secret that may be @FILE (its first line), env:NAME, - (asked for, not shown) or the secret itself. */
export async function readSecret(flag: string, given: string): Promise<Secret> {
  if (given === '-') {
    const wanted = flag === '-u' ? 'NAME:PASSWORD for -u' : flag
    return {value: await askSecret(wanted), exposure: 'private'}
  }
  if (given.startsWith('@')) {
    const text = await readTextFile(flag, given.slice(1))
    return {value: text.split(/\r?\n/)[0] ?? '', exposure: 'private'}
  }
  if (!given.startsWith('env:')) return {value: given, exposure: 'commandLine'}
  const name = given.slice(4)
  const value = process.env[name]
  if (value === undefined) {
    // Whoever expanded the variable too early has written the secret itself.
    const shown = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) ? ` ${name}` : ''
    throw usageError(
      `${flag}: the environment variable${shown} is not set`,
      'Set and export it; env: wants its name, not its value.'
    )
  }
  return {value, exposure: 'private'}
}

/** Asks on the terminal, without showing what is typed. */
export async function askSecret(flag: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw usageError(`${flag}: standard input is no terminal to ask on`, 'Give it as @FILE or env:NAME.')
  }
  const {createInterface} = await import('node:readline/promises')
  const {Writable} = await import('node:stream')
  const unseen = new Writable({write: (_chunk, _encoding, done) => done()})
  const terminal = createInterface({input: process.stdin, output: unseen, terminal: true})
  // Only now does the terminal keep what is typed to itself.
  process.stderr.write(`${flag}: `)
  const stopped = new AbortController()
  terminal.on('SIGINT', () => stopped.abort())
  try {
    return await terminal.question('', {signal: stopped.signal})
  } catch {
    if (stopped.signal.aborted) throw new Interrupted()
    throw usageError(`${flag}: no answer was given`)
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
