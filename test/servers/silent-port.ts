import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {locateProgram} from './program.ts'

const installed = {name: 'python3', package: 'python3'}
const script = fileURLToPath(new URL('silent-port.py', import.meta.url))

/** A port of the loopback interface where connecting gets no answer at all, until the test ends. */
export async function silentPort(host: '127.0.0.1' | '::1'): Promise<number> {
  // Node accepts whatever it listens for, so that its queue never fills.
  const child = spawn(locateProgram(installed), [script, host], {stdio: ['pipe', 'pipe', 'inherit']})
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.stdin.end()
    await ended
  })
  for await (const line of createInterface(child.stdout)) return Number(line)
  throw new Error(`${host} cannot be made silent`)
}
