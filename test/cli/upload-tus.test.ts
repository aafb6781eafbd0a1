import {existsSync, writeFileSync} from 'node:fs'
import {expect, it, vi} from 'vitest'
import {patience} from '../scratch/patience.ts'
import {openTusStage} from '../tus/tus-stage.ts'
import type {TusStage} from '../tus/tus-stage.ts'
import {Crossing} from './crossing.ts'
import type {Listed} from './crossing.ts'

const size = 600_000

/** An upload to the reference server of tus, paused from another process before its end. */
async function paused(stage: TusStage, crossing: Crossing): Promise<Listed> {
  writeFileSync(crossing.path('F'), stage.content)
  const words = ['upload', '--resumable', 'tus', '--limit-rate', '200k', 'F', stage.collection.href]
  const ferry = crossing.start(words)
  const running = await vi.waitFor(async () => {
    const task = await crossing.task()
    expect(task.actions).toContain('pause')
    expect(task.bytes).toBeGreaterThan(0)
    return task
  }, patience)
  expect(await crossing.run(['pause', running.id])).toMatchObject({code: 0})
  expect(await ferry.done).toMatchObject({code: 114})
  return crossing.task()
}

it('an upload to a server of tus is paused and goes on from another terminal, each byte sent once', async () => {
  const [stage, crossing] = [await openTusStage({size}), new Crossing()]
  const {id} = await paused(stage, crossing)
  const run = await crossing.run(['resume', id])
  expect(run, run.stderr).toMatchObject({code: 0})
  expect(run.stderr).toMatch(/^sent F to 127\.0\.0\.1:\d+ \(586 KiB, resumed at \d+%; /m)
  stage.expectWhole()
})

it('tells where a server of tus keeps what was sent with -w, and with nothing else', async () => {
  const [stage, crossing] = [await openTusStage({size}), new Crossing()]
  writeFileSync(crossing.path('F'), stage.content)
  const words = ['upload', '--resumable', 'tus', '-v', '-w', '%{url_effective}', 'F', stage.collection.href]
  const run = await crossing.run(words)
  expect(run, run.stderr).toMatchObject({code: 0})
  expect(run.stdout).toBe(`${stage.collection.href}${stage.kept[0]}`)
  expect(run.stderr).not.toContain(stage.kept[0])
})

it('a paused upload to a server of tus is forgotten there as well when it is cancelled', async () => {
  const [stage, crossing] = [await openTusStage({size}), new Crossing()]
  const {id, resumeData} = await paused(stage, crossing)
  expect(stage.kept).toHaveLength(1)
  expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
  expect(stage.kept).toEqual([])
  expect(existsSync(resumeData ?? '')).toBe(false)
})
