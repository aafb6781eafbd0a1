import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

interface Held {
  readonly target: string
  readonly lock: string
}

function statOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A target whose lock names this process. */
function heldBy(pid: number): Held {
  const target = join(scratchFolder(), 'F')
  const lock = `${target}.lock`
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  const holder = {pid, startTime: statOf(pid)[19], boot, host: hostname(), nonce: 'of-another-process'}
  writeFileSync(lock, JSON.stringify(holder))
  return {target, lock}
}

/** A process that waits, and one that has ended and that nobody has asked about. */
async function processes(): Promise<{living: number; ended: number}> {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const ended = Number(line.toString())
  await vi.waitFor(() => expect(statOf(ended)[0]).toBe('Z'), patience)
  return {living: parent.pid ?? 0, ended}
}

it('takes over the lock of a process that has ended, although its parent has not asked about it yet', async () => {
  const {ended} = await processes()
  const {target, lock} = heldBy(ended)
  const acquired = await TargetLock.acquire(target)
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({pid: process.pid})
  acquired.release()
  expect(existsSync(lock)).toBe(false)
})

it('leaves the lock of a process that lives', async () => {
  const {living} = await processes()
  const {target} = heldBy(living)
  await expect(TargetLock.acquire(target)).rejects.toMatchObject({code: 'BUSY'})
})
