import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {Crossing} from './crossing.ts'
import {filesIn} from './files-in.ts'
import {uploadCrossing} from './upload-crossing.ts'

describe('sessions invalidate', () => {
  it('lets an upload end that runs in the session', async () => {
    const origin = await startOrigin()
    onTestFinished(() => origin.close())
    const {promise, resolve} = Promise.withResolvers<void>()
    origin.on('/F', async (_request, reply) => {
      await promise
      await reply.respond(201)
    })
    const crossing = new Crossing()
    writeFileSync(crossing.path('F'), 'content')
    await crossing.run(['sessions', 'create', 'work'])
    const ferry = crossing.start(['upload', '--session', 'work', 'F', origin.url('/F')])
    await origin.untilRequests(1, '/F')
    await expect.poll(() => crossing.tasks(), patience).toHaveLength(1)
    const told = await crossing.run(['sessions', 'invalidate', 'work'])
    expect(told.stderr).toContain('invalidated work, 1 transfer finishing')
    resolve()
    expect(await ferry.done).toMatchObject({code: 0})
  })

  it('--cancel ends it on the server, too, and leaves nothing; whoever waits for it ends with 115', async () => {
    const crossing = await uploadCrossing()
    await crossing.run(['sessions', 'create', 'work'])
    const ferry = await crossing.startUpload(['--session', 'work'])
    const {id} = await crossing.task()
    const wait = crossing.start(['wait', id])
    const told = await crossing.run(['sessions', 'invalidate', '--cancel', 'work'])
    expect(told.stderr).toContain('invalidated work, 1 transfer cancelled')
    expect(await ferry.done).toMatchObject({code: 115})
    expect(await wait.done).toMatchObject({code: 115})
    expect(crossing.server.log.map(({kind}) => kind)).toEqual(['create', 'cancel'])
    expect(filesIn(join(crossing.home, 'state', 'uploads'))).toEqual([])
  })
})

describe('The limits of a session', () => {
  it.each(['maxParallelTasks', 'maxConnectionsPerHost'])('hold for uploads: %s', async key => {
    const origin = await startOrigin()
    onTestFinished(() => origin.close())
    let [now, most] = [0, 0]
    for (const name of ['a', 'b', 'c', 'd']) {
      origin.on(`/in/${name}`, async (_request, reply) => {
        most = Math.max(most, ++now)
        await origin.untilRequests(2)
        await new Promise(resolve => setTimeout(resolve, 50))
        now -= 1
        await reply.respond(201)
      })
    }
    const crossing = new Crossing()
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(crossing.path(name), name)
    await crossing.run(['sessions', 'create', 'work'])
    await crossing.run(['sessions', 'set', 'work', `${key}=2`])
    const run = await crossing.run(['upload', '--session', 'work', 'a', 'b', 'c', 'd', origin.url('/in/')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(origin.requests).toHaveLength(4)
    expect(most).toBe(2)
  })
})
