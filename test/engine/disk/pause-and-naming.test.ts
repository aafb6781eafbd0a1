import {existsSync, readFileSync, watch} from 'node:fs'
import {expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage, untilReceived} from '../download/stage.ts'

const resource = {body: seededBytes(200_000, 51), entityTag: '"v1"'}

it.each(['pause', 'cancel'] as const)(
  'a %s in the instant in which the file has its name comes too late: the task has finished [T9]',
  async how => {
    const stage = await openStage()
    stage.origin.serve('/F', resource)
    const task = stage.start()
    const named = Promise.withResolvers<void>()
    const watcher = watch(stage.folder, () => {
      if (existsSync(stage.target)) named.resolve()
    })
    await named.promise
    watcher.close()
    const resumeData = how === 'pause' ? await task.cancelByProducingResumeData() : task.cancel()
    expect(resumeData).toBeUndefined()
    expect(await task.outcome).toMatchObject({state: 'completed', path: stage.target})
    expect(stage.files).toEqual(['F'])
    expect(stage.content).toBe(digestOf(resource.body))
  }
)

// The moment is another one in each round, until one was too late; whichever side wins, nothing lies about it.
it('a pause at any moment round the end gives the file or resume data, never both and never neither [T9]', async () => {
  const seen = new Set<string>()
  for (let round = 0; round < 15 || !seen.has('completed'); round++) {
    const stage = await openStage()
    stage.origin.serve('/F', resource)
    const task = stage.start()
    await expect.poll(() => task.countOfBytesReceived, {interval: 1}).toBeGreaterThan(0)
    await new Promise(resolve => setTimeout(resolve, round < 15 ? round / 2 : round * 2))
    const path = await task.cancelByProducingResumeData()
    const {state} = await task.outcome
    seen.add(state)
    if (state === 'completed') expect(stage.files).toEqual(['F'])
    else {
      expect(path).toBe(stage.resumeData)
      expect(stage.files).toEqual(['F.ferry', 'F.part'])
      expect(await stage.download()).toMatchObject({state: 'completed'})
    }
    expect(stage.content).toBe(digestOf(resource.body))
  }
})

it('tells of the finished file when it can be opened under its name [R49, T13]', async () => {
  const told: string[] = []
  const stage = await openStage({
    delegate: {
      didFinishDownloading: (_task, path) => {
        told.push(digestOf(readFileSync(path)))
        expect(stage.files).not.toContain('F.ferry')
      }
    }
  })
  stage.origin.serve('/F', resource)
  await stage.download()
  expect(told).toEqual([digestOf(resource.body)])
})

it('never shows a byte under the name before all are there [R49, promise 1]', async () => {
  const stage = await openStage()
  const gate = Promise.withResolvers<void>()
  stage.origin.serve('/F', {...resource, fault: {holdAfter: {bytes: 199_999, until: gate.promise}}})
  const task = stage.start()
  await untilReceived(task, 199_999)
  expect(existsSync(stage.target)).toBe(false)
  gate.resolve()
  expect(await task.outcome).toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(resource.body))
})
