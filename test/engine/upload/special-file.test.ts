import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import net from 'node:net'
import {join} from 'node:path'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {openFileSource} from '../../../src/engine/upload/file-source.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {decodeForm} from './decode-form.ts'
import {bytesBeforeFailure, bytesOf, opened, taskSending} from './sent-source.ts'

const content = seededBytes(200_000, 1)

let path: string
beforeEach(() => {
  path = join(scratchFolder(), 'pipe')
  execFileSync('mkfifo', [path])
})

/** Has this process opened the pipe? */
function isRead(pipe: string): boolean {
  return readdirSync('/proc/self/fd').some(name => linkOf(`/proc/self/fd/${name}`) === pipe)
}

function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

describe('A pipe with a name', () => {
  it('is a stream, whose length nobody knows and which cannot be continued', async () => {
    const {body, file, task} = await opened({kind: 'file', path})
    expect([body.length, file, task.countOfBytesExpectedToSend]).toEqual([undefined, undefined, undefined])
    const [bytes] = await Promise.all([bytesOf(body), writeFile(path, content)])
    expect(bytes.equals(content)).toBe(true)
    expect(task.countOfBytesSent).toBe(content.length)
  })

  it('is read once only', async () => {
    const {body} = await opened({kind: 'file', path})
    await Promise.all([bytesOf(body), writeFile(path, content)])
    expect(await bytesBeforeFailure(body.again('challenge'))).toMatchObject({
      bytes: 0,
      error: {code: 'READ_FAILED', hint: expect.stringContaining('--spool')}
    })
  })

  it.each(['alone', 'in a form'])(
    'says that it was read before anybody waits to send it again: %s',
    async where => {
      const fields = [{name: 'f', value: {kind: 'file', path} as const}]
      const {body, prepare} = await opened(where === 'alone' ? {kind: 'file', path} : {kind: 'form', fields})
      await expect(prepare?.('retry')).resolves.toBeUndefined()
      await Promise.all([bytesOf(body), writeFile(path, content)])
      await expect(prepare?.('retry')).rejects.toMatchObject({code: 'READ_FAILED'})
    }
  )

  it('is announced each time, as streams are', async () => {
    const announced: string[] = []
    const didNeedNewBody = (_task: unknown, reason: string): void => void announced.push(reason)
    const {body} = await opened({kind: 'file', path}, {delegate: {didNeedNewBody}})
    body.open().close()
    body.again('retry').open().close()
    expect(announced).toEqual(['initial', 'retry'])
  })

  it('to which nobody writes keeps nobody who closes it', async () => {
    const {body} = await opened({kind: 'file', path})
    const reading = body.open()
    const first = reading[Symbol.asyncIterator]().next()
    await vi.waitFor(() => expect(isRead(path)).toBe(true), patience)
    reading.close()
    await expect(first).rejects.toMatchObject({code: 'CANCELLED'})
    await vi.waitFor(() => expect(isRead(path)).toBe(false), patience)
  })

  it('to which nobody writes keeps no other file waiting', async () => {
    const readings = await Promise.all(
      Array.from({length: 8}, async () => (await opened({kind: 'file', path})).body.open())
    )
    const firsts = readings.map(reading => reading[Symbol.asyncIterator]().next())
    expect(await readFile('/proc/version')).not.toHaveLength(0)
    for (const reading of readings) reading.close()
    const ends = await Promise.allSettled(firsts)
    expect(ends.map(({status}) => status)).toEqual(firsts.map(() => 'rejected'))
  })

  it('is no source of a file', async () => {
    await expect(openFileSource(taskSending({kind: 'file', path}), path)).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('read once only')
    })
  })

  it('makes a form one of unknown length, which can be sent once', async () => {
    const fields = [
      {name: 'p', value: {kind: 'file', path}},
      {name: 't', value: {kind: 'text', text: 'after'}}
    ] as const
    const {body, contentType} = await opened({kind: 'form', fields})
    expect(body.length).toBeUndefined()
    const [bytes] = await Promise.all([bytesOf(body), writeFile(path, content)])
    const [pipe, text] = decodeForm(bytes, contentType)
    expect(pipe?.fileName).toBe('pipe')
    expect(pipe?.content.equals(content)).toBe(true)
    expect(text?.content.toString()).toBe('after')
    expect((await bytesBeforeFailure(body.again('retry'))).error).toMatchObject({code: 'READ_FAILED'})
  })

  it('in a form does not keep whoever closes it', async () => {
    const {body} = await opened({kind: 'form', fields: [{name: 'p', value: {kind: 'file', path}}]})
    const reading = body.open()
    const pieces = reading[Symbol.asyncIterator]()
    await pieces.next()
    const second = pieces.next()
    await vi.waitFor(() => expect(isRead(path)).toBe(true), patience)
    reading.close()
    await expect(second).rejects.toMatchObject({code: 'CANCELLED'})
    await vi.waitFor(() => expect(isRead(path)).toBe(false), patience)
  })
})

describe('What is no file of bytes', () => {
  it('is read as what it gives when the system makes it up', async () => {
    const version = readFileSync('/proc/version')
    const {body} = await opened({kind: 'file', path: '/proc/version'})
    expect(body.length).toBeUndefined()
    expect((await bytesOf(body)).equals(version)).toBe(true)
  })

  it('is read like a pipe when it is a device', async () => {
    const {body, file} = await opened({kind: 'file', path: '/dev/null'})
    expect([body.length, file]).toEqual([undefined, undefined])
    expect(await bytesOf(body)).toHaveLength(0)
  })

  it('has no end when the device has none, and is let go of', async () => {
    const {body} = await opened({kind: 'file', path: '/dev/zero'})
    let read = 0
    for await (const piece of body.open()) if ((read += piece.length) > 1_000_000) break
    expect(read).toBeGreaterThan(1_000_000)
  })

  it('cannot be sent when it is a socket', async () => {
    const place = `${path}.sock`
    const server = net.createServer().listen(place)
    onTestFinished(() => void server.close())
    await expect(opened({kind: 'file', path: place})).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('it is a socket')
    })
  })

  it('is not waited for when a pipe has taken the place of the file', async () => {
    const place = `${path}.file`
    writeFileSync(place, content)
    const {body} = await opened({kind: 'file', path: place})
    execFileSync('rm', [place])
    execFileSync('mkfifo', [place])
    expect((await bytesBeforeFailure(body)).error).toMatchObject({code: 'SOURCE_CHANGED'})
  })
})
