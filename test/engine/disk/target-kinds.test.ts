import {execFileSync} from 'node:child_process'
import {
  createReadStream,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import {buffer} from 'node:stream/consumers'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage, untilReceived} from '../download/stage.ts'

const resource = {body: seededBytes(150_000, 12), entityTag: '"v1"'}

it('does not write through a symbolic link, whether it leads somewhere or nowhere [fault 53, promise 4]', async () => {
  for (const content of ['victim', undefined]) {
    const stage = await openStage()
    stage.origin.serve('/F', resource)
    const victim = join(stage.folder, 'victim')
    if (content !== undefined) writeFileSync(victim, content)
    symlinkSync(victim, stage.target)
    expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'REFUSED'}})
    expect(stage.origin.requests).toEqual([])
    expect(readlinkSync(stage.target)).toBe(victim)
    expect(stage.files).toEqual(content === undefined ? ['F'] : ['F', 'victim'])
    if (content !== undefined) expect(readFileSync(victim, 'utf8')).toBe(content)
  }
})

it('replaces a link that appears while it fetches, and not what the link leads to [promise 4]', async () => {
  const stage = await openStage()
  const gate = Promise.withResolvers<void>()
  stage.origin.serve('/F', {...resource, fault: {holdAfter: {bytes: 700, until: gate.promise}}})
  const task = stage.start()
  await untilReceived(task, 700)
  const victim = join(stage.folder, 'victim')
  writeFileSync(victim, 'precious')
  symlinkSync(victim, stage.target)
  gate.resolve()
  expect(await task.outcome).toMatchObject({state: 'completed'})
  expect(lstatSync(stage.target).isFile()).toBe(true)
  expect(stage.content).toBe(digestOf(resource.body))
  expect(readFileSync(victim, 'utf8')).toBe('precious')
})

it('writes into a FIFO as it is, with nothing beside it [fault 53]', async () => {
  const stage = await openStage()
  stage.origin.serve('/F', resource)
  execFileSync('mkfifo', [stage.target])
  const read = buffer(createReadStream(stage.target))
  expect(await stage.download()).toMatchObject({state: 'completed', path: stage.target})
  expect(digestOf(await read)).toBe(digestOf(resource.body))
  expect(lstatSync(stage.target).isFIFO()).toBe(true)
  expect(stage.files).toEqual(['F'])
})

it('lets /dev/null swallow everything and stay what it is [fault 53]', async () => {
  const stage = await openStage()
  stage.origin.serve('/F', resource)
  const outcome = await stage.download({directory: '/dev', fileName: 'null'})
  expect(outcome).toMatchObject({state: 'completed', path: '/dev/null'})
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
})

it('does not call a cut body a success because a device took it [fault 53]', async () => {
  const stage = await openStage()
  stage.origin.serve('/F', {...resource, fault: {cutAfter: 100_000}})
  expect(await stage.download({directory: '/dev', fileName: 'null'})).toMatchObject({
    state: 'failed',
    error: {code: 'TRANSFER_TRUNCATED'}
  })
})

it('refuses a folder as the target before it asks anybody [fault 53]', async () => {
  const stage = await openStage()
  mkdirSync(stage.target)
  expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'WRITE_FAILED'}})
  expect(stage.origin.requests).toEqual([])
  expect(stage.files).toEqual(['F'])
})

it.each([
  ['short', 20_000],
  ['long', 150_000]
])(
  'fails when the folder goes away under a %s file, and makes none elsewhere [fault 50]',
  async (_name, size) => {
    const stage = await openStage()
    const gate = Promise.withResolvers<void>()
    const body = seededBytes(size, 13)
    stage.origin.serve('/inner', {
      body,
      entityTag: '"v1"',
      fault: {holdAfter: {bytes: 700, until: gate.promise}}
    })
    const directory = join(stage.folder, 'inner')
    mkdirSync(directory)
    const task = stage.session.downloadTask(urlRequest(stage.origin.url('/inner')), {
      directory,
      fileName: 'F'
    })
    task.resume()
    await untilReceived(task, 700)
    rmSync(directory, {recursive: true})
    gate.resolve()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'WRITE_FAILED'}})
    expect(stage.files).toEqual([])
  }
)

it('a pause after the folder went away still ends the task', async () => {
  const stage = await openStage()
  const directory = join(stage.folder, 'inner')
  mkdirSync(directory)
  const task = await stage.reach(resource, 100_000, {directory})
  rmSync(directory, {recursive: true})
  await task.cancelByProducingResumeData('cancel')
  expect(task.hasEnded).toBe(true)
  expect(stage.files).toEqual([])
})
