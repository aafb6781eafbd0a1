import {writeFileSync} from 'node:fs'
import type * as FileSystem from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {expect, it, vi} from 'vitest'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const stall = vi.hoisted(() => ({milliseconds: 0, whenOver: (): void => {}}))

// A process that is stopped between making the file and naming itself in it.
vi.mock('node:fs', async importActual => {
  const actual = await importActual<typeof FileSystem>()
  const writeSync = (file: number, text: string): number => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall.milliseconds)
    setImmediate(stall.whenOver)
    return actual.writeSync(file, text)
  }
  return {...actual, writeSync}
})

/** Somebody who saw the empty file, and now puts a lock with his name in its place. */
function taker(target: string): () => void {
  const holder = {pid: 1, startTime: '', boot: '', host: `not-${hostname()}`, nonce: 'of-another-process'}
  return () => writeFileSync(`${target}.lock`, JSON.stringify(holder))
}

it.each([
  ['has it where nobody was faster', 0, {state: 'held'}],
  ['leaves it to whoever took him for dead', 300, {state: 'refused', code: 'BUSY'}]
])(
  'who is stopped between making a lock and naming himself in it %s [fault 62]',
  async (_what, milliseconds, end) => {
    const target = join(scratchFolder(), 'F')
    stall.milliseconds = milliseconds
    stall.whenOver = milliseconds === 0 ? () => {} : taker(target)
    const outcome = await TargetLock.acquire(target).then(
      () => ({state: 'held'}),
      ({code}: {code: string}) => ({state: 'refused', code})
    )
    expect(outcome).toEqual(end)
  }
)
