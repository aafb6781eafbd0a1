import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, vi} from 'vitest'
import {documentOf, eventsOf} from '../cli/said.ts'
import {startFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {FakeClock} from './fake-clock.ts'

const days300 = 300 * 24 * 3600 * 1000
const twoWaits = /"task\.waiting"[\s\S]*"task\.waiting"/

describe('a wall clock that is set while a transfer runs', () => {
  it('does not shorten the wait for a retry, nor lengthen it, nor spend --retry-max-time [fault 66]', async () => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'whole', faults: [{status: 503}, {status: 503}]})
    const clock = new FakeClock('right')
    const patience = ['--retry-delay', '1', '--retry-max-time', '60']
    const cwd = scratchFolder()
    const ferry = startFerry(['get', '--events', ...patience, origin.url('/F')], {cwd, env: clock.env})
    await ferry.untilStdout(/"task\.waiting"/)
    clock.set('a year ahead')
    const first = performance.now()
    await origin.untilRequests(2)
    const second = performance.now()
    await ferry.untilStdout(twoWaits)
    clock.set('right')
    const run = await ferry.done
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('whole')
    expect(origin.requests).toHaveLength(3)
    expect(second - first).toBeGreaterThan(500)
    expect(performance.now() - second).toBeGreaterThan(500)
    const times = eventsOf(run).map(({time}) => Date.parse(String(time)))
    expect(Math.max(...times) - (times[0] ?? 0), 'the clock was ahead').toBeGreaterThan(days300)
  })

  it('leaves the duration of the task as it was [fault 66]', async () => {
    let release = (): void => {}
    const holdHead = new Promise<void>(resolve => (release = resolve))
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'whole', fault: {holdHead}})
    const clock = new FakeClock('a year ahead')
    const ferry = startFerry(['get', '--json', origin.url('/F')], {cwd: scratchFolder(), env: clock.env})
    await origin.untilRequests(1)
    clock.set('right')
    release()
    const run = await ferry.done
    expect(run, run.stderr).toMatchObject({code: 0})
    const [task] = documentOf(run).tasks
    expect(task?.['durationMs']).toBeGreaterThanOrEqual(0)
    expect(task?.['durationMs']).toBeLessThan(60_000)
  })
})

describe('a ferry that is stopped as by a laptop that sleeps', () => {
  it('ends with the right file when it wakes after the idle time, and counts no time below zero [fault 61]', async () => {
    const body = seededBytes(900_000, 61)
    await using origin = await startOrigin()
    origin.serve('/F', {body, entityTag: '"v1"', faults: [{limit: 300_000}]})
    const cwd = scratchFolder()
    const ferry = startFerry(
      ['get', '--json', '--idle-timeout', '3', '--retry-delay', '0.1', origin.url('/F')],
      {cwd}
    )
    const part = join(cwd, 'F.part')
    await vi.waitFor(() => expect(statSync(part).size).toBeGreaterThan(100_000), patience)
    ferry.kill('SIGSTOP')
    await sleep(6000)
    ferry.kill('SIGCONT')
    const run = await ferry.done
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(body)).toBe(true)
    const [task] = documentOf(run).tasks
    expect(task?.['durationMs']).toBeGreaterThan(5500)
    expect(run.stdout).not.toMatch(/: ?-\d/)
  })
})
