import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {TransferError} from '../../../src/engine/index.ts'
import type {DownloadTask, PlacedFile, SessionEnvironment} from '../../../src/engine/index.ts'
import {digestOf, first, openStage} from './stage.ts'
import type {Stage} from './stage.ts'

type WillPlace = NonNullable<SessionEnvironment['willPlaceFile']>

async function placingStage(willPlaceFile: WillPlace, kind?: 'background'): Promise<Stage> {
  const stage = await openStage({environment: {willPlaceFile}, ...(kind ? {kind} : {})})
  stage.origin.serve('/F', first)
  return stage
}

describe('Before a whole file gets its name', () => {
  it.each(['replace', 'fail', 'rename'] as const)(
    'somebody is told which file it is, and is waited for: %s',
    async ifExists => {
      const told: {file: PlacedFile; isThere: boolean}[] = []
      let [wasThere, partial] = [true, {device: 0, inode: 0}]
      const stage = await placingStage(async (_task, file) => {
        const {dev, ino} = statSync(stage.partial)
        partial = {device: dev, inode: ino}
        await new Promise(resolve => setTimeout(resolve, 30))
        wasThere = existsSync(stage.target)
        told.push({file, isThere: wasThere})
      })
      await stage.download({ifExists})
      expect(told).toEqual([{file: {path: stage.target, size: 1000, ...partial}, isThere: false}])
      const {dev, ino} = statSync(stage.target)
      expect({device: dev, inode: ino}).toEqual(partial)
    }
  )

  it('somebody is told of each name that is tried', async () => {
    const names: string[] = []
    const stage = await placingStage((_task, {path}) => {
      names.push(path)
      // Another program takes the name in the last moment.
      if (names.length === 1) writeFileSync(path, 'other')
    })
    const outcome = await stage.download({ifExists: 'rename'})
    expect(names).toEqual([stage.target, `${stage.target}.1`])
    expect(outcome).toMatchObject({state: 'completed', path: `${stage.target}.1`})
    expect(readFileSync(stage.target, 'utf8')).toBe('other')
  })

  it('a checksum that is wrong is no news: nothing will be placed', async () => {
    const told: string[] = []
    const stage = await placingStage((_task, {path}) => void told.push(path))
    const checksums = [{algorithm: 'sha256', value: '0'.repeat(64)}] as const
    expect(await stage.download({checksums})).toMatchObject({error: {code: 'CHECKSUM_MISMATCH'}})
    expect(told).toEqual([])
  })
})

describe('A task that was stopped', () => {
  it('while its last bytes were written places nothing, and tells of nothing', async () => {
    const told: string[] = []
    let started: DownloadTask | undefined
    const stage = await openStage({
      kind: 'background',
      environment: {
        willPlaceFile: (_task, {path}) => void told.push(path),
        didUpdateResumeData: () => started?.stop('pause')
      }
    })
    stage.origin.serve('/F', first)
    started = stage.start()
    await started.outcome
    expect(told).toEqual([])
    expect(stage.content).toBeUndefined()
  })

  it('while somebody wrote down what would be placed keeps its bytes and places nothing [T6]', async () => {
    const stage = await placingStage(task => task.stop('pause'))
    expect(await stage.download()).toMatchObject({state: 'paused', resumeData: stage.resumeData})
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
    expect(stage.record).toMatchObject({bytesReceived: 1000, state: 'paused'})
  })
})

describe('A name that cannot be written down', () => {
  const refusals = [
    [
      new TransferError('NO_SPACE', 'The journal is full'),
      {code: 'NO_SPACE', message: 'The journal is full'}
    ],
    // A code that is tried again everywhere else.
    [new TransferError('RECEIVE_FAILED', 'No answer'), {code: 'RECEIVE_FAILED', message: 'No answer'}],
    [new Error('broken'), {code: 'WRITE_FAILED', cause: expect.objectContaining({message: 'broken'})}]
  ] as const

  it.each([...refusals.map(each => [...each, 'default'] as const), [...refusals[1], 'background'] as const])(
    'fails the task as it says, once, and leaves what can be continued: %s',
    async (refusal, error, kind) => {
      let asked = 0
      let isBroken = true
      const stage = await openStage({
        kind,
        configuration: {retry: {attempts: 5}},
        environment: {
          willPlaceFile: async () => {
            asked += 1
            if (isBroken) throw refusal
          }
        }
      })
      stage.origin.serve('/F', first)
      expect(await stage.download()).toMatchObject({state: 'failed', error, resumeData: stage.resumeData})
      expect([asked, stage.content]).toEqual([1, undefined])
      isBroken = false
      expect(await stage.download()).toMatchObject({state: 'completed'})
      expect(stage.content).toBe(digestOf(first.body))
      expect(stage.origin.requests.map(({method}) => method)).toEqual(['GET', 'HEAD'])
      expect(existsSync(join(stage.folder, 'F.part'))).toBe(false)
    }
  )
})
