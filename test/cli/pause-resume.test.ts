import {existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {Crossing, firstBytes, serveHalf, serveHeld, serveUnresumable, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

function expectWhole(path: string): void {
  expect(readFileSync(path).equals(whole)).toBe(true)
}

describe('pause from another process', () => {
  it('exits with 0 here and 114 there, and leaves bytes and resume data beside the target', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const {id, pid, actions} = await crossing.task()
    expect({pid, actions}).toEqual({pid: ferry.pid, actions: ['pause', 'cancel']})
    const pause = await crossing.run(['pause', id])
    expect(pause).toMatchObject({code: 0, stdout: `${crossing.path('F.ferry')}\n`})
    expect(pause.stderr).toContain(`ferry resume ${id}`)
    const there = await ferry.done
    expect(there).toMatchObject({code: 114, stdout: ''})
    expect(there.stderr).toContain(`ferry resume ${id}`)
    expect(readdirSync(crossing.cwd).toSorted()).toEqual(['F.ferry', 'F.part'])
    expect(statSync(crossing.path('F.part')).size).toBe(firstBytes)
    expect(await crossing.task()).toMatchObject({
      state: 'paused',
      pid: null,
      bytes: firstBytes,
      actions: ['resume', 'cancel']
    })
  })

  it.each([
    ['by its id', (id: string) => id],
    ['by a unique beginning of its id', (id: string) => id.slice(0, -1)],
    ['by the file of its resume data', () => 'F.ferry']
  ])('is continued %s: the same task no more, the rest alone is fetched', async (_how, word) => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['resume', '--json', word(id)])
    expect(run, run.stderr).toMatchObject({code: 0})
    const [task] = documentOf(run).tasks
    expect(task).toMatchObject({state: 'completed', resumedFrom: firstBytes, path: crossing.path('F')})
    expect(task?.id).not.toBe(id)
    expect(origin.requestsOf('/F').at(-1)?.header('range')).toBe(`bytes=${firstBytes}-`)
    expectWhole(crossing.path('F'))
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
    expect(await crossing.tasks()).toEqual([])
  })

  it('is continued by the same get again', async () => {
    const crossing = new Crossing()
    await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['get', '--json', origin.url('/F')])
    expect(documentOf(run)).toMatchObject({ok: true, tasks: [{resumedFrom: firstBytes}]})
    expectWhole(crossing.path('F'))
  })

  it('is continued in another folder after both files were moved there', async () => {
    const crossing = new Crossing()
    await crossing.pausedHalf(origin, 'F')
    const folder = join(scratchFolder(), 'elsewhere')
    mkdirSync(folder)
    for (const name of ['F.part', 'F.ferry']) renameSync(crossing.path(name), join(folder, name))
    const run = await crossing.run(['resume', join(folder, 'F.ferry')])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: `${join(folder, 'F')}\n`})
    expectWhole(join(folder, 'F'))
    expect(readdirSync(crossing.cwd)).toEqual([])
  })

  it('is continued from another address with --url', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    origin.serve('/renewed', {body: whole, entityTag: '"v1"'})
    expect(await crossing.run(['resume', id, '--url', origin.url('/renewed')])).toMatchObject({code: 0})
    expect(origin.requestsOf('/renewed')[0]?.header('range')).toBe(`bytes=${firstBytes}-`)
    expectWhole(crossing.path('F'))
  })

  it('refuses what another user made with 111, unless it is trusted', async () => {
    const crossing = new Crossing()
    await crossing.pausedHalf(origin, 'F')
    const stranger = {env: {FERRY_HOME: scratchFolder()}}
    const refused = await crossing.run(['resume', 'F.ferry'], stranger)
    expect(refused).toMatchObject({code: 111, stdout: ''})
    expect(explanation(refused).next).toContain('--trust-resume-data')
    const trusted = await crossing.run(['resume', 'F.ferry', '--trust-resume-data'], stranger)
    expect(trusted, trusted.stderr).toMatchObject({code: 0})
    expectWhole(crossing.path('F'))
  })

  it('starts from zero only when told to: --restart, where the partial file is gone', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    renameSync(crossing.path('F.part'), join(scratchFolder(), 'F.part'))
    const refused = await crossing.run(['resume', id])
    expect(refused).toMatchObject({code: 111})
    expect(explanation(refused)).toMatchObject({code: 'NOT_RESUMABLE'})
    expect(explanation(refused).next).toContain('--restart')
    expect(await crossing.run(['resume', id, '--restart'])).toMatchObject({code: 0})
    expectWhole(crossing.path('F'))
  })
})

describe('resume of a task that kept nothing', () => {
  it('sends back to the command of before, and never to --restart, which could not help', async () => {
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/wrong')
    const ferry = crossing.start(['get', '--sha256', '0'.repeat(64), origin.url('/wrong')])
    await crossing.isUnderWay('wrong', ferry)
    const {id} = await crossing.task()
    release()
    expect(await ferry.done).toMatchObject({code: 110})
    for (const words of [[id], [id, '--restart']]) {
      const refused = await crossing.run(['resume', ...words])
      expect(refused).toMatchObject({code: 111, stdout: ''})
      expect(explanation(refused).next).toBe('To begin again, give the command of before.')
    }
  })
})

describe('two that resume one task', () => {
  it('end with 112 for the second while the first runs, and 111 afterwards', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    serveHalf(origin, '/F')
    const first = crossing.start(['resume', 'F.ferry'])
    const before = origin.requestsOf('/F').length
    await origin.untilRequests(before + 1, '/F')
    const second = await crossing.run(['resume', 'F.ferry'])
    expect(second).toMatchObject({code: 112, stdout: ''})
    expect(explanation(second).code).toBe('BUSY')
    expect(await crossing.run(['pause', '--all'])).toMatchObject({code: 0})
    expect(await first.done).toMatchObject({code: 114})
    expect(await crossing.run(['resume', 'F.ferry'])).toMatchObject({code: 0})
    for (const word of ['F.ferry', id]) {
      const late = await crossing.run(['resume', word])
      expect(late, late.stderr).toMatchObject({code: 111, stdout: ''})
    }
    expectWhole(crossing.path('F'))
  })

  it('at the same instant are one winner and one loser', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const runs = await Promise.all([crossing.run(['resume', id]), crossing.run(['resume', id])])
    const codes = runs.map(({code}) => code ?? -1).toSorted((one, other) => one - other)
    expect(codes[0]).toBe(0)
    expect([111, 112]).toContain(codes[1])
    expectWhole(crossing.path('F'))
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
  })
})

describe('pause of a transfer that could not be resumed', () => {
  it('is refused with 111, and the transfer goes on', async () => {
    const crossing = new Crossing()
    serveUnresumable(origin, '/plain')
    const ferry = crossing.start(['get', origin.url('/plain')])
    await crossing.isUnderWay('plain', ferry)
    const {id} = await crossing.task()
    const run = await crossing.run(['pause', id])
    expect(run).toMatchObject({code: 111, stdout: ''})
    expect(explanation(run)).toMatchObject({code: 'NOT_RESUMABLE'})
    expect(explanation(run).next).toContain('--discard')
    expect(ferry.child.exitCode).toBeNull()
    expect(await crossing.task()).toMatchObject({id, state: 'running'})
  })

  it('ends it with --discard: 115 there, nothing left', async () => {
    const crossing = new Crossing()
    serveUnresumable(origin, '/plain')
    const ferry = crossing.start(['get', origin.url('/plain')])
    await crossing.isUnderWay('plain', ferry)
    const {id} = await crossing.task()
    expect(await crossing.run(['pause', '--discard', id])).toMatchObject({code: 0, stdout: ''})
    expect(await ferry.done).toMatchObject({code: 115})
    expect(readdirSync(crossing.cwd)).toEqual([])
    expect(existsSync(crossing.path('plain'))).toBe(false)
  })
})
