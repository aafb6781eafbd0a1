import {mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {backgroundCrossing} from './background-crossing.ts'
import {Crossing, firstBytes, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'
import {uploadCrossing} from './upload-crossing.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

describe('resume --suspended', () => {
  it('asks the server nothing, ends with 0, and leaves a task that resume starts [T11]', async () => {
    const crossing = new Crossing()
    const paused = await crossing.pausedHalf(origin, 'F')
    const asked = origin.requestsOf('/F').length
    const run = await crossing.run(['resume', '--suspended', paused.id])
    expect(run).toMatchObject({code: 0, stdout: expect.stringMatching(/^[0-9a-z]{10,}\n$/)})
    const id = run.stdout.trim()
    expect(await crossing.task()).toMatchObject({
      id,
      state: 'suspended',
      bytes: firstBytes,
      total: whole.length
    })
    expect(origin.requestsOf('/F')).toHaveLength(asked)
    expect(readdirSync(crossing.cwd).toSorted()).toEqual(['F.ferry', 'F.part'])
    expect(await crossing.run(['resume', id])).toMatchObject({code: 0})
    expect(origin.requestsOf('/F').at(-1)?.header('range')).toBe(`bytes=${firstBytes}-`)
    expect(readFileSync(crossing.path('F')).equals(whole)).toBe(true)
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
  })

  it('lists what was moved from elsewhere among the tasks, and --json tells how much is there', async () => {
    const crossing = new Crossing()
    await crossing.pausedHalf(origin, 'F')
    mkdirSync(crossing.path('moved'))
    for (const name of ['F.part', 'F.ferry']) renameSync(crossing.path(name), crossing.path(`moved/${name}`))
    expect(await crossing.tasks()).toEqual([])
    const run = await crossing.run(['resume', '--suspended', '--json', 'moved/F.ferry'])
    const facts = {
      state: 'suspended',
      bytes: firstBytes,
      total: whole.length,
      resumeData: crossing.path('moved/F.ferry')
    }
    expect(documentOf(run)).toMatchObject({ok: true, tasks: [facts]})
    expect(await crossing.task()).toMatchObject(facts)
  })

  it('lets an upload wait, with what the server has of it', async () => {
    const crossing = await uploadCrossing()
    const paused = await crossing.pausedUpload()
    const asked = crossing.server.log.length
    const run = await crossing.run(['resume', '--suspended', '--json', paused.id])
    expect(run).toMatchObject({code: 0})
    expect(documentOf(run).tasks[0]).toMatchObject({state: 'suspended', bytes: paused.bytes})
    expect(crossing.server.log).toHaveLength(asked)
    expect(await crossing.run(['resume', documentOf(run).tasks[0]?.id ?? ''])).toMatchObject({code: 0})
    crossing.expectStored()
  })

  it('says of what cannot be continued that it cannot, with the exit code of the resume itself', async () => {
    const crossing = new Crossing()
    writeFileSync(crossing.path('F.ferry'), '{}')
    const run = await crossing.run(['resume', '--suspended', 'F.ferry', 'none.ferry'])
    expect(run).toMatchObject({code: 111, stdout: ''})
  })

  it.each([
    ['--url', 'http://127.0.0.1:1/F'],
    ['--restart'],
    ['--if-exists', 'replace'],
    ['--output', 'answer'],
    ['--sha256', '0'.repeat(64)],
    ['--background']
  ])('refuses %s, which it could not keep, and changes nothing', async (...flag) => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['resume', '--suspended', ...flag, id])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).why).toContain('--suspended')
    expect(await crossing.task()).toMatchObject({id, state: 'paused'})
  })

  it('refuses a held task of the background, which is suspended already', async () => {
    const crossing = await backgroundCrossing()
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', crossing.origin.url('/F')])
    expect(await crossing.run(['pause', '--hold', id])).toMatchObject({code: 0})
    const run = await crossing.run(['resume', '--suspended', id])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).why).toContain('suspended already')
    expect(await crossing.task(id)).toMatchObject({state: 'suspended'})
  })
})
