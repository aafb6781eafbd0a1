import {readFileSync, readdirSync, statSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {startOnTerminal} from '../cli-run/terminal.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing, firstBytes, serveHalf, serveHeld, serveUnresumable, whole} from './crossing.ts'
import {eventsOf} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129]
  ] as const)(
    '%s ends with %i after writing resume data, and prints the command that continues',
    async (signal, code) => {
      const crossing = new Crossing()
      const ferry = await crossing.startHalf(origin, 'F')
      ferry.kill(signal)
      const run = await ferry.done
      expect(run).toMatchObject({code, signal: null, stdout: ''})
      expect(readdirSync(crossing.cwd).toSorted()).toEqual(['F.ferry', 'F.part'])
      expect(statSync(crossing.path('F.part')).size).toBe(firstBytes)
      const [, command = ''] = /`ferry (resume [^`]+)`/.exec(run.stderr) ?? []
      expect(run.stderr).toContain('paused')
      expect(await crossing.run(command.split(' '))).toMatchObject({code: 0})
      expect(readFileSync(crossing.path('F')).equals(whole)).toBe(true)
      expect(origin.requestsOf('/F').at(-1)?.header('range')).toBe(`bytes=${firstBytes}-`)
    }
  )

  it('given twice as SIGINT ends at once, and the resume data is still good', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const before = performance.now()
    ferry.kill('SIGINT')
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130})
    expect(performance.now() - before).toBeLessThan(2000)
    expect(await crossing.run(['resume', 'F.ferry'])).toMatchObject({code: 0})
    expect(readFileSync(crossing.path('F')).equals(whole)).toBe(true)
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
  })

  it('given twice as SIGINT waits for nothing that the first one still waits for', async () => {
    const crossing = new Crossing()
    const hook = ['--on-complete', 'sleep 5']
    const ferry = await crossing.startHalf(origin, 'F', hook)
    ferry.kill('SIGINT')
    await sleep(300)
    expect(ferry.child.exitCode).toBeNull()
    const before = performance.now()
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130})
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it('to a transfer that cannot be resumed leaves nothing, and says so', async () => {
    const crossing = new Crossing()
    serveUnresumable(origin, '/plain')
    const ferry = crossing.start(['get', origin.url('/plain')])
    await crossing.isUnderWay('plain', ferry)
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run).toMatchObject({code: 130, stdout: ''})
    expect(run.stderr).toContain('cancelled')
    expect(run.stderr).not.toContain('ferry resume')
    expect(readdirSync(crossing.cwd)).toEqual([])
  })

  it('during -o - ends with its code', async () => {
    const crossing = new Crossing()
    serveHalf(origin, '/F')
    const ferry = crossing.start(['get', '-o', '-', origin.url('/F')])
    await ferry.untilStdout(/./s)
    ferry.kill('SIGTERM')
    expect(await ferry.done).toMatchObject({code: 143, signal: null})
    expect(readdirSync(crossing.cwd)).toEqual([])
  })

  it('while it waits to try again ends at once too', async () => {
    const crossing = new Crossing()
    origin.serve('/busy', {body: whole, fault: {status: 503}})
    const ferry = crossing.start(['get', '--retry-delay', '60', origin.url('/busy')])
    await ferry.untilStderr(/waiting/)
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130})
    expect(readdirSync(crossing.cwd)).toEqual([])
  })

  it('completes the events: the task is paused, and the session invalidated last', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F', ['--events'])
    ferry.kill('SIGINT')
    const events = eventsOf(await ferry.done)
    expect(events.slice(-2)).toMatchObject([
      {event: 'task.completed', state: 'paused', resumeData: crossing.path('F.ferry')},
      {event: 'session.invalidated'}
    ])
  })

  it('stops all of many transfers, finished ones stay', async () => {
    const crossing = new Crossing()
    origin.serve('/done', {body: 'done'})
    for (const path of ['/A', '/B']) serveHalf(origin, path)
    const ferry = crossing.start(['get', origin.url('/done'), origin.url('/A'), origin.url('/B')])
    await crossing.isUnderWay('A', ferry)
    await crossing.isUnderWay('B', ferry)
    await ferry.untilStdout(/done\n/)
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130, stdout: `${crossing.path('done')}\n`})
    expect(readdirSync(crossing.cwd).toSorted()).toEqual(['A.ferry', 'A.part', 'B.ferry', 'B.part', 'done'])
    const resumed = await crossing.run(['resume', 'A.ferry', 'B.ferry'])
    expect(resumed).toMatchObject({code: 0})
    expect(readdirSync(crossing.cwd).toSorted()).toEqual(['A', 'B', 'done'])
  })
})

describe('^C on a terminal', () => {
  it('leaves the screen in order: the cursor is shown, the last line is the command that continues', async () => {
    const crossing = new Crossing()
    serveHalf(origin, '/F')
    const ferry = startOnTerminal(['get', origin.url('/F')], {
      cwd: crossing.cwd,
      env: {FERRY_HOME: crossing.home}
    })
    await ferry.until(/37%/)
    ferry.press('\x03')
    const {code, screen} = await ferry.done
    expect(code).toBe(130)
    expect(screen).toMatch(/ferry resume m\w+/)
    expect(screen.lastIndexOf('\x1B[?25h')).toBeGreaterThanOrEqual(screen.lastIndexOf('\x1B[?25l'))
  })
})

describe('a process that is stopped and continued', () => {
  it('goes on to the whole file with 0 [fault 61]', async () => {
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', origin.url('/F')])
    await crossing.isUnderWay('F', ferry)
    ferry.kill('SIGSTOP')
    release()
    await sleep(1000)
    ferry.kill('SIGCONT')
    expect(await ferry.done).toMatchObject({code: 0, stdout: `${crossing.path('F')}\n`})
    expect(readFileSync(crossing.path('F')).equals(whole)).toBe(true)
  })
})
