import {execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {PartialFile} from '../../../src/engine/files/partial-file.ts'
import {claimSpool, spool, TransferError} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const content = seededBytes(300_000, 1)

async function* pieces(...others: readonly (() => void)[]): AsyncGenerator<Uint8Array> {
  yield content.subarray(0, 100_000)
  yield content.subarray(100_000)
  for (const other of others) other()
}

let folder: string
beforeEach(() => {
  folder = join(scratchFolder(), 'state', 'spool')
})

describe('A copy of a stream', () => {
  it('is a file of this user alone, in a folder that is made for it', async () => {
    const path = await spool(pieces(), {folder})
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(dirname(path)).toBe(folder)
  })

  it('is a new file each time', async () => {
    const paths = await Promise.all([spool(pieces(), {folder}), spool(pieces(), {folder})])
    expect(new Set(paths).size).toBe(2)
  })

  it('leaves nothing behind when the stream fails', async () => {
    const broken = pieces(() => {
      throw new Error('The cable is out')
    })
    await expect(spool(broken, {folder})).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: 'Cannot read the stream: The cable is out'
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('is no copy where it cannot be flushed, which a power cut would turn into another content', async () => {
    const lost = new TransferError('WRITE_FAILED', 'The disk has lost it')
    const flush = vi.spyOn(PartialFile.prototype, 'flush').mockRejectedValue(lost)
    onTestFinished(() => flush.mockRestore())
    await expect(spool(pieces(), {folder})).rejects.toBe(lost)
    expect(readdirSync(folder)).toEqual([])
  })

  it('passes on what a stream of the engine says', async () => {
    const own = new TransferError('TIMED_OUT', 'Too slow')
    const broken = pieces(() => {
      throw own
    })
    await expect(spool(broken, {folder})).rejects.toBe(own)
  })

  it('cannot be made where the folder cannot', async () => {
    mkdirSync(dirname(folder))
    writeFileSync(folder, '')
    await expect(spool(pieces(), {folder})).rejects.toMatchObject({code: 'WRITE_FAILED'})
    const claim = async (path: string): Promise<void> => void (await claimSpool(path))
    await expect(spool(pieces(), {folder, claim})).rejects.toMatchObject({code: 'WRITE_FAILED'})
  })

  it('stops at once when it is not wanted any more, and leaves nothing behind', async () => {
    const stop = new AbortController()
    let isEnded = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield content
        setTimeout(() => stop.abort())
        await new Promise(() => {})
      } finally {
        isEnded = true
      }
    }
    await expect(spool(endless(), {folder, signal: stop.signal})).rejects.toMatchObject({code: 'CANCELLED'})
    expect(readdirSync(folder)).toEqual([])
    expect(isEnded).toBe(false)
    await expect(spool(pieces(), {folder, signal: stop.signal})).rejects.toMatchObject({code: 'CANCELLED'})
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves nothing behind where there is no room for it', () => {
    const module = new URL('../../../src/engine/upload/spool.ts', import.meta.url).href
    const script = `import {spool} from ${JSON.stringify(module)}
      async function* zeros() { for (let count = 0; count < 100; count++) yield Buffer.alloc(65536) }
      await spool(zeros(), {folder: ${JSON.stringify(folder)}}).catch(error => console.log(error.code))`
    const limited = `ulimit -f 1000; exec "$0" --input-type=module --eval "$1"`
    const printed = execFileSync('sh', ['-c', limited, process.execPath, script], {encoding: 'utf8'})
    expect(printed.trim()).toBe('NO_SPACE')
    expect(readdirSync(folder)).toEqual([])
  })
})
