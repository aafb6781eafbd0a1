import {createHash} from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import {dirname, join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import type {FileSource} from '../../../src/engine/upload/file-source.ts'
import {openFileSource} from '../../../src/engine/upload/file-source.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {bytesBeforeFailure, bytesOf, opened, taskSending} from './sent-source.ts'

const megabyte = 1024 * 1024
const content = seededBytes(3 * megabyte + 5, 1)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let path: string
beforeEach(() => {
  path = join(scratchFolder(), 'F')
  writeFileSync(path, content)
})

// Root may read everything.
async function withoutPrivileges<Result>(act: () => Promise<Result>): Promise<Result> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await act()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

const openSource = (): Promise<FileSource> => openFileSource(taskSending({kind: 'file', path}), path)

describe('A file source', () => {
  it('is the file as it was when the upload began', async () => {
    const facts = statSync(path)
    expect(await openSource()).toMatchObject({
      path,
      size: content.length,
      modified: facts.mtimeMs,
      device: facts.dev,
      inode: facts.ino
    })
  })

  it.each([
    {first: 0, length: undefined},
    {first: 0, length: 10},
    {first: 7, length: 2 * megabyte},
    {first: megabyte, length: undefined},
    {first: content.length - 1, length: 1},
    {first: content.length, length: undefined}
  ])('gives the bytes from $first on, $length of them, each time it is read', async ({first, length}) => {
    const body = (await openSource()).body({first, ...(length === undefined ? {} : {length})})
    const expected = content.subarray(first, length === undefined ? undefined : first + length)
    expect(body.length).toBe(expected.length)
    expect((await bytesOf(body)).equals(expected)).toBe(true)
    expect((await bytesOf(body.again('retry'))).equals(expected)).toBe(true)
  })

  it('gives nothing of an empty file, and then nothing more', async () => {
    writeFileSync(path, '')
    const {body} = await opened({kind: 'file', path})
    expect(body.length).toBe(0)
    expect(await bytesOf(body)).toHaveLength(0)
  })

  it('counts a piece when the next one is asked for, from the place where the stretch begins', async () => {
    const task = taskSending({kind: 'file', path})
    const source = await openFileSource(task, path)
    const counts: number[] = []
    for await (const _piece of source.body({first: megabyte}).open()) counts.push(task.countOfBytesSent)
    expect(counts).toEqual([megabyte, 2 * megabyte, 3 * megabyte])
    expect(task.countOfBytesSent).toBe(content.length)
  })

  it('leaves the counting to whoever sends stretches side by side', async () => {
    const task = taskSending({kind: 'file', path})
    const sent: number[] = []
    const source = await openFileSource(task, path)
    const count = (bytes: number): void => void sent.push(bytes)
    await bytesOf(source.body({first: 5, length: megabyte, sent: count}))
    expect(sent.at(-1)).toBe(megabyte)
    expect(task.countOfBytesSent).toBe(0)
  })

  it('hashes beginnings, longer ones from where a shorter one ended and shorter ones anew', async () => {
    const source = await openSource()
    const lengths = [0, 10, megabyte, content.length, 10]
    const digests = await Promise.all(lengths.map(length => source.prefixDigest(length)))
    expect(digests).toEqual(lengths.map(length => sha256(content.subarray(0, length))))
  })

  it('does not pass off what was hashed until it was closed as the whole', async () => {
    const source = await openSource()
    const digest = source.prefixDigest(content.length)
    await new Promise(setImmediate)
    source.close()
    await expect(digest).rejects.toMatchObject({code: 'CANCELLED'})
  })
})

describe('A file that changes', () => {
  const changes = {
    grows: () => appendFileSync(path, 'x'),
    shrinks: () => truncateSync(path, content.length - 1),
    'shrinks to nothing': () => truncateSync(path, 0),
    'is written to': () => writeFileSync(path, seededBytes(content.length, 2)),
    'has another time': () => utimesSync(path, 1, 1)
  }

  it.each(Object.entries(changes))(
    'fails before its last byte when it %s meanwhile',
    async (_how, change) => {
      const {body} = await opened({kind: 'file', path})
      let given = 0
      const reading = (async () => {
        for await (const piece of body.open()) {
          if (given === 0) change()
          given += piece.length
        }
      })()
      await expect(reading).rejects.toMatchObject({code: 'SOURCE_CHANGED'})
      expect(given).toBeLessThan(content.length)
    }
  )

  it.each(Object.entries(changes))(
    'is not sent at all when it %s before it is read',
    async (_how, change) => {
      const {body, file} = await opened({kind: 'file', path})
      change()
      const {bytes, error} = await bytesBeforeFailure(body.again('retry'))
      expect(bytes).toBe(0)
      expect(error).toMatchObject({code: 'SOURCE_CHANGED', message: expect.stringContaining(path)})
      await expect(file?.assertUnchanged()).rejects.toMatchObject({code: 'SOURCE_CHANGED'})
      await expect(file?.prefixDigest(10)).rejects.toMatchObject({code: 'SOURCE_CHANGED'})
    }
  )

  it('is noticed by its length where its time says nothing', async () => {
    utimesSync(path, 1, 1)
    const {body} = await opened({kind: 'file', path})
    appendFileSync(path, 'x')
    utimesSync(path, 1, 1)
    const {error} = await bytesBeforeFailure(body)
    expect(error).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining(`${content.length} bytes and has ${content.length + 1} now`)
    })
  })

  it('is another file when another one has taken its name', async () => {
    const {body, file} = await opened({kind: 'file', path})
    await file?.assertUnchanged()
    const {mtimeMs} = statSync(path)
    writeFileSync(`${path}.new`, content)
    utimesSync(`${path}.new`, mtimeMs / 1000, mtimeMs / 1000)
    renameSync(`${path}.new`, path)
    expect((await bytesBeforeFailure(body)).error).toMatchObject({code: 'SOURCE_CHANGED'})
  })

  it('fails when it was empty and is not any more', async () => {
    writeFileSync(path, '')
    const {body} = await opened({kind: 'file', path})
    appendFileSync(path, 'x')
    expect(await bytesBeforeFailure(body)).toMatchObject({bytes: 0, error: {code: 'SOURCE_CHANGED'}})
  })
})

describe('What cannot be read', () => {
  it('is told before anything else, with what to do: a file that is missing', async () => {
    const missing = `${path}.missing`
    await expect(opened({kind: 'file', path: missing})).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: `Cannot read ${missing}: it is not there`,
      hint: expect.stringContaining('path')
    })
  })

  it('is a folder', async () => {
    mkdirSync(`${path}.d`)
    await expect(opened({kind: 'file', path: `${path}.d`})).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('it is a folder'),
      hint: expect.stringContaining('tar')
    })
  })

  it('is a part of a path that is no folder', async () => {
    await expect(opened({kind: 'file', path: join(path, 'G')})).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('not a folder')
    })
  })

  it('is a file that is not for this user', async () => {
    chmodSync(path, 0)
    chmodSync(dirname(path), 0o755)
    await expect(withoutPrivileges(() => opened({kind: 'file', path}))).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: `Cannot read ${path}: permission denied`
    })
  })
})
