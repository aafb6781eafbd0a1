import {existsSync, statSync, writeFileSync} from 'node:fs'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {cancelUpload, discardResumeData} from '../../../src/engine/index.ts'
import type {UploadResumeData} from '../../../src/engine/index.ts'
import {writeResumeData} from '../../../src/engine/resume-data.ts'
import {signingKey} from '../download/stage.ts'
import {speak} from './chosen-protocol.ts'
import {hangs} from './fake-protocol.ts'
import {interrupt} from './interrupt.ts'
import {openWalkStage} from './walk-stage.ts'
import type {WalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
})

describe('discarding the resume data of an upload', () => {
  it('removes it, with the copy that was made for it, and asks nobody', async () => {
    await interrupt(stage, {lifetime: 'task'})
    const protocol = speak(hangs)
    await discardResumeData(stage.recordPath, signingKey)
    expect([stage.files, existsSync(stage.file), protocol.calls]).toEqual([[], false, []])
  })

  it('removes no file that a stranger has named', async () => {
    await interrupt(stage, {lifetime: 'task'})
    await discardResumeData(stage.recordPath, Buffer.alloc(32, 1))
    expect([stage.files, existsSync(stage.file)]).toEqual([[], true])
  })

  it('fails like everything else that the disk refuses, as cancelling does', async () => {
    await interrupt(stage, {lifetime: 'task'})
    const {integrity: _, signature: __, ...data} = stage.record as UploadResumeData & Record<string, unknown>
    // A folder is what even root cannot remove as a file.
    const {size, dev: device, ino: inode} = statSync(stage.folder)
    const source = {...data.source, path: stage.folder, size, device, inode}
    await writeResumeData(stage.recordPath, {...data, source}, {key: signingKey, flush: 'none'})
    speak()
    const refused = {name: 'TransferError', code: 'WRITE_FAILED'}
    await expect(discardResumeData(stage.recordPath, signingKey)).rejects.toMatchObject(refused)
    await expect(cancelUpload(stage.session(), stage.recordPath)).rejects.toMatchObject(refused)
    expect(stage.files).toEqual(stage.names)
  })

  it('leaves a copy that is another file by now', async () => {
    await interrupt(stage, {lifetime: 'task'})
    writeFileSync(stage.file, 'something else')
    await discardResumeData(stage.recordPath, signingKey)
    expect(existsSync(stage.file)).toBe(true)
  })
})
