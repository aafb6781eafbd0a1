import {closeSync, ftruncateSync, openSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {bytesOf, opened} from './sent-source.ts'

const gibibyte = 2 ** 30
const mark = Buffer.from('here it is')

/** A file that is a hole, with a word at a place and another at its end. */
function sparseFile(size: number, place: number): string {
  const path = join(scratchFolder(), 'F')
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  writeSync(file, mark, 0, mark.length, place)
  writeSync(file, mark, 0, mark.length, size - mark.length)
  closeSync(file)
  return path
}

describe('A large file', () => {
  it.each([5, 10])('of %i GiB is read at any place of it', async count => {
    const size = count * gibibyte
    const place = 2 ** 32 - 4
    const {body, file, task} = await opened({kind: 'file', path: sparseFile(size, place)})
    expect([body.length, file?.size, task.countOfBytesExpectedToSend]).toEqual([size, size, size])
    const stretch = file?.body({first: place - 1, length: mark.length + 2})
    expect(stretch && (await bytesOf(stretch)).toString()).toBe(`\0${mark}\0`)
    const end = file?.body({first: size - 20})
    expect(end && (await bytesOf(end)).toString()).toBe(`${'\0'.repeat(10)}${mark}`)
    expect(task.countOfBytesSent).toBe(size)
  })

  it('takes no more memory than a few pieces', async () => {
    const path = sparseFile(5 * gibibyte, 2 ** 32)
    const {file} = await opened({kind: 'file', path})
    const length = gibibyte / 4
    const body = file?.body({first: 2 ** 32 - length / 2, length})
    const before = process.memoryUsage().arrayBuffers
    let [read, most] = [0, 0]
    for await (const piece of body?.open() ?? []) {
      read += piece.length
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    expect(read).toBe(length)
    expect(most).toBeLessThan(8 * 1024 * 1024)
  })

  it('in a form makes it longer by what is around it', async () => {
    const size = 5 * gibibyte
    const path = sparseFile(size, 2 ** 32)
    const field = {name: 'f', value: {kind: 'file', path}} as const
    const {body, contentType} = await opened({kind: 'form', fields: [field, field]})
    const boundary = contentType?.split('boundary=')[1] ?? ''
    const part = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="F"\r\nContent-Type: application/octet-stream\r\n\r\n`
    expect(body.length).toBe(2 * (part.length + size + 2) + boundary.length + 6)
  })
})
