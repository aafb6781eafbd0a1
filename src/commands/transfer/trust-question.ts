import {dirname, join, resolve} from 'node:path'
import {readResumeData} from '../../engine/index.ts'
import type {ResumeOptions} from '../../engine/index.ts'
import {maskUrl} from '../../ui/mask.ts'
import {printable} from '../../ui/printable.ts'

/**
 * How far resume data may be trusted: that which this user did not make here only after a person has said so on the
 * terminal, having seen what it would fetch and where to. Without a terminal the engine refuses it.
 */
export async function trustOf(path: string, key: Uint8Array | undefined): Promise<ResumeOptions['trust']> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return 'own'
  const {data, origin} = await readResumeData(path, key)
  if (origin === 'own' || data.kind === 'upload') return 'own'
  const target = join(dirname(resolve(path)), data.destination.name)
  const question = [
    `The resume data ${printable(path)} was not made by this user here. It would fetch`,
    `  ${printable(maskUrl(data.originalRequest.url))}`,
    `to ${printable(target)}.`,
    'Continue it? [y/N] '
  ]
  return /^y(es)?$/i.test((await answer(question.join('\n'))).trim()) ? 'foreign' : 'own'
}

async function answer(question: string): Promise<string> {
  const {createInterface} = await import('node:readline/promises')
  const stopped = new AbortController()
  const stop = (): void => stopped.abort()
  // ^C comes as a signal before the terminal is asked, and as a key while it is.
  process.once('SIGINT', stop)
  const terminal = createInterface({input: process.stdin, output: process.stderr, terminal: true})
  terminal.on('SIGINT', stop)
  terminal.on('close', stop)
  try {
    return await terminal.question(question, {signal: stopped.signal})
  } catch {
    process.stderr.write('\n')
    return ''
  } finally {
    process.off('SIGINT', stop)
    terminal.close()
  }
}
