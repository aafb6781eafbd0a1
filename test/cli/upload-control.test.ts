import {existsSync, readdirSync} from 'node:fs'
import {describe, expect, it, vi} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {respond} from '../origin/handlers.ts'
import {patience} from '../scratch/patience.ts'
import {firstBytes, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'
import {answer, uploadCrossing} from './upload-crossing.ts'

describe('an upload, paused from another process', () => {
  it('ends with 114 there and is listed with the name of its file and what the server may have', async () => {
    const crossing = await uploadCrossing()
    const ferry = await crossing.startUpload()
    const {id, pid} = await crossing.task()
    expect(pid).toBe(ferry.pid)
    const pause = await crossing.run(['pause', id.slice(0, -1)])
    const paused = await crossing.task()
    expect(pause).toMatchObject({code: 0, stdout: `${paused.resumeData}\n`})
    const there = await ferry.done
    expect(there).toMatchObject({code: 114, stdout: ''})
    expect(there.stderr).toContain(`continue with \`ferry resume ${id}\``)
    expect(paused).toMatchObject({id, state: 'paused', path: null, source: crossing.path('F')})
    expect(paused).toMatchObject({pid: null, total: whole.length, actions: ['resume', 'cancel']})
    expect((await crossing.run(['tasks'])).stdout).toMatch(/ paused +\d+% .* F +ferry resume /)
  })

  it.each([
    ['by its id', ({id}: {id: string}) => id],
    ['by the file of its resume data', ({resumeData}: {resumeData: string | null}) => resumeData ?? '']
  ])('goes on %s as a new task, from where the server is, and hands on its answer', async (_how, word) => {
    const crossing = await uploadCrossing()
    const paused = await crossing.pausedUpload()
    const run = await crossing.run(['resume', word(paused)])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: answer})
    expect(run.stderr).toMatch(/^sent F to 127\.0\.0\.1:\d+ \(391 KiB, resumed at 37%; 244 KiB in /m)
    crossing.expectStored()
    expect(await crossing.tasks()).toEqual([])
    expect(existsSync(paused.resumeData ?? '')).toBe(false)
  })

  it('tells a script in --json what went before, with the answer in its fields', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const [task] = documentOf(await crossing.run(['resume', '--json', id])).tasks
    expect(task).toMatchObject({state: 'completed', kind: 'upload', path: null, status: 201})
    expect(task).toMatchObject({bytes: whole.length, total: whole.length, resumedFrom: firstBytes})
    expect(task).toMatchObject({restarted: false, headers: {'upload-complete': '?1'}})
    expect(task?.['finalUrl']).toMatch(/\/uploads\/\*\*\*$/)
    expect(task?.id).not.toBe(id)
  })
})

describe('an upload that could not be continued', () => {
  it.each([
    ['of a file, to a server that does not offer it', 'F', ''],
    ['of standard input', '-', 'a text']
  ])('%s is not paused, goes on and ends well [U7]', async (_what, word, input) => {
    const crossing = await uploadCrossing()
    await using origin = await startOrigin()
    const {promise: released, resolve: release} = Promise.withResolvers<void>()
    origin.on('/F', async (request, reply) => {
      await released
      await respond(201, {}, answer)(request, reply)
    })
    const ferry = crossing.start(['upload', word, origin.url('/F')])
    ferry.child.stdin?.end(input)
    const {id} = await crossing.isSeen(['cancel'])
    const pause = await crossing.run(['pause', id])
    expect(pause).toMatchObject({code: 111, stdout: ''})
    expect(explanation(pause)).toMatchObject({code: 'NOT_RESUMABLE'})
    release()
    expect(await ferry.done).toMatchObject({code: 0, stdout: answer})
  })

  it('ends with 130 at ^C, and it is said that it cannot be continued', async () => {
    const crossing = await uploadCrossing()
    await using origin = await startOrigin()
    origin.on('/F', () => new Promise<void>(() => {}))
    const ferry = crossing.start(['upload', '--limit-rate', '50k', 'F', origin.url('/F')])
    await vi.waitFor(async () => expect((await crossing.task()).bytes).toBeGreaterThan(0), patience)
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run.code).toBe(130)
    expect(run.stderr).toMatch(/^cancelled F: it cannot be continued, only sent again$/m)
    expect(run.stderr).not.toContain('ferry resume')
    expect(await crossing.tasks()).toEqual([])
  })
})

describe('an upload that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129]
  ] as const)('by %s ends with %i and names the command that continues it', async (signal, code) => {
    const crossing = await uploadCrossing()
    const ferry = await crossing.startUpload()
    ferry.kill(signal)
    const run = await ferry.done
    expect(run).toMatchObject({code, signal: null, stdout: ''})
    const [, command = ''] = /`ferry (resume [^`]+)`/.exec(run.stderr) ?? []
    expect(await crossing.run(command.split(' '))).toMatchObject({code: 0})
    crossing.expectStored()
  })

  it('by kill -9 is listed as failed, and goes on from where the server is', async () => {
    const crossing = await uploadCrossing()
    const ferry = await crossing.startUpload()
    ferry.kill('SIGKILL')
    await ferry.done
    const task = await crossing.task()
    expect(task).toMatchObject({state: 'failed', pid: null, actions: ['resume', 'cancel']})
    expect(task.bytes).toBeLessThanOrEqual(whole.length)
    expect(await crossing.run(['resume', task.id])).toMatchObject({code: 0})
    crossing.expectStored()
  })
})

describe('cancel', () => {
  it('that is interrupted says how to go on also without progress, but not where only errors are wanted', async () => {
    for (const [flags, said] of [
      [['--progress', 'none'], /^paused F at \d+%: continue with `ferry resume \w+`\n$/],
      [['-q'], /^$/]
    ] as const) {
      const crossing = await uploadCrossing()
      const ferry = await crossing.startUpload(flags)
      ferry.kill('SIGINT')
      const run = await ferry.done
      expect(run.code).toBe(130)
      expect(run.stderr).toMatch(said)
    }
  })

  it('ends a running upload with 115 there, on the server too, and leaves nothing [U7]', async () => {
    const crossing = await uploadCrossing()
    const ferry = await crossing.startUpload()
    const {id} = await crossing.task()
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0, stdout: ''})
    expect(await ferry.done).toMatchObject({code: 115})
    expect(crossing.resource.isActive).toBe(false)
    expect(await crossing.tasks()).toEqual([])
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
  })

  it('ends a paused one on the server too, and its resume data is gone; wait on it exits with 115', async () => {
    const crossing = await uploadCrossing()
    const {id, resumeData} = await crossing.pausedUpload()
    const cancel = await crossing.run(['cancel', id])
    expect(cancel).toMatchObject({code: 0, stderr: `cancelled ${id}\n`})
    expect(crossing.server.of('cancel')).toHaveLength(1)
    expect(crossing.resource.isActive).toBe(false)
    expect(existsSync(resumeData ?? '')).toBe(false)
    expect(await crossing.run(['wait', id])).toMatchObject({code: 115})
    expect(await crossing.run(['resume', id])).toMatchObject({code: 111})
  })

  it('tells the server in the session that the upload belongs to, with its headers', async () => {
    const crossing = await uploadCrossing()
    await crossing.run(['sessions', 'create', 'work', '-H', 'X-Team: ours'])
    const {id} = await crossing.pausedUpload(['--session', 'work'])
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(crossing.server.of('cancel')[0]?.request.header('x-team')).toBe('ours')
  })

  it('removes what is here even where the server cannot be reached', async () => {
    const crossing = await uploadCrossing()
    const {id, resumeData} = await crossing.pausedUpload()
    await crossing.server.origin.close()
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(existsSync(resumeData ?? '')).toBe(false)
    expect(await crossing.tasks()).toEqual([])
  })
})
