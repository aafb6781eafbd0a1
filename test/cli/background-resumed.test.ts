import {rmSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, explanation} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

describe('a background task that has gone on as another one', () => {
  it.each(['resume', 'pause'])('is not told to start anew where somebody says %s', async verb => {
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    expect(await crossing.run(['pause', id])).toMatchObject({code: 0})
    await crossing.submit(['resume', '--start-at', '1h', id])
    const again = await crossing.run([verb, id])
    expect(again.code).toBe(111)
    expect(explanation(again).next).toBe(
      'If it was resumed before, ferry tasks --all lists what it went on as.'
    )
  })
})

describe('several tasks that are to go on together', () => {
  it('have to be of one session, and one that nobody knows is not taken for one of another', async () => {
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    await crossing.run(['pause', id])
    const unknown = await crossing.run(['resume', id, 'mnosuchtask'])
    expect(unknown.code).toBe(116)
    expect(explanation(unknown).code).toBe('TASK_UNKNOWN')
    const other = await crossing.run(['resume', id, 'elsewhere.ferry'])
    expect(other.code).toBe(2)
    expect(other.stderr).toContain('different sessions')
    expect(await crossing.task(id)).toMatchObject({state: 'paused', actions: ['resume', 'cancel']})
  })
})

describe('a background task whose resume data somebody has removed', () => {
  it.each([
    ['as the service says', []],
    ['as its journal says without it', ['daemon', 'stop']]
  ])('cannot be resumed any more, and is listed with all tasks only, %s', async (_when, words) => {
    const url = crossing.origin.url('/F')
    const begin = ['get', '--background', '--start-at', '1h', '-o']
    const ids = [await crossing.submit([...begin, 'F', url]), await crossing.submit([...begin, 'G', url])]
    await crossing.run(['pause', ...ids])
    rmSync(crossing.path('F.ferry'))
    if (words.length > 0) await crossing.run(words)
    const {tasks} = documentOf(await crossing.run(['tasks', '--json']))
    expect(tasks.map(({id}) => id)).toEqual(ids.slice(1))
    expect(await crossing.task(ids[0] ?? '')).toMatchObject({state: 'paused', resumeData: null, actions: []})
    const late = await crossing.run(['resume', ids[0] ?? ''])
    expect(late.code).toBe(111)
    expect(explanation(late).why).toContain('left nothing to resume')
  })
})

describe('a held task', () => {
  it('is not resumed with --json beside one that goes on as another, and says nothing among --events', async () => {
    const later = async (name: string): Promise<string> =>
      crossing.submit([
        'get',
        '--background',
        '--start-at',
        '1h',
        '-o',
        name,
        crossing.origin.url(`/${name}`)
      ])
    const [held, paused] = [await later('F'), await later('G')]
    await crossing.run(['pause', '--hold', held])
    await crossing.run(['pause', paused])
    const both = await crossing.run(['resume', '--json', held, paused])
    expect(both.code).toBe(2)
    expect(explanation(both).why).toContain(`${held} stands still`)
    expect(await crossing.task(held)).toMatchObject({state: 'suspended'})
    expect(await crossing.run(['resume', '--events', held])).toMatchObject({code: 0, stdout: ''})
    expect(await crossing.task(held)).toMatchObject({state: 'waiting'})
  })
})

describe('sessions show', () => {
  it('does not say that the service does not run where it runs for another session', async () => {
    await crossing.run(['sessions', 'create', 'idle', '--kind', 'background'])
    await crossing.submit(['get', '--background', '--start-at', '1h', crossing.origin.url('/F')])
    const told = async (name: string): Promise<string> =>
      (await crossing.run(['sessions', 'show', name])).stdout
    expect(await told('idle')).toContain('Tasks in the background service: none\n')
    expect(await told('background')).toMatch(/^Tasks in the background service \(process \d+\): 1 waiting$/m)
  })
})
