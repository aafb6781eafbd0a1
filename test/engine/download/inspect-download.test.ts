import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {inspectDownload, urlRequest} from '../../../src/engine/index.ts'
import type {DownloadInspection} from '../../../src/engine/index.ts'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {writeResumeData} from '../../../src/engine/resume-data.ts'
import {first, openStage, signingKey} from './stage.ts'
import type {DownloadScene, Stage} from './stage.ts'

const held = 400

function inspect(
  stage: Stage,
  {headers = [], ...options}: DownloadScene = {},
  sessionKind: 'default' | 'ephemeral' = 'default'
): Promise<DownloadInspection> {
  const request = urlRequest(stage.origin.url('/F'), {headers})
  return inspectDownload({
    request,
    options: {directory: stage.folder, fileName: 'F', ...options},
    sessionKind,
    key: signingKey
  })
}

const filesOf = ({folder}: Stage) =>
  readdirSync(folder).map(name => {
    const {size, mtimeMs, ino} = statSync(join(folder, name))
    return {name, size, mtimeMs, ino}
  })

/** A stage on which a download was interrupted, and something happened to what it left. */
async function interrupted(mishap: (stage: Stage) => unknown): Promise<Stage> {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.serve('/F', first)
  await mishap(stage)
  return stage
}

describe('what an interrupted download left', () => {
  it('is continued when nothing is wrong, and looking changes nothing', async () => {
    const stage = await interrupted(() => {})
    const before = filesOf(stage)
    await expect(inspect(stage)).resolves.toMatchObject({
      path: stage.target,
      draft: {kind: 'continues', data: {bytesReceived: held, total: 1000}}
    })
    expect(filesOf(stage)).toEqual(before)
    expect(stage.origin.requests).toEqual([])
  })

  it.each<[string, string, (stage: Stage) => unknown]>([
    ['the partial file is missing', 'partialMissing', stage => unlinkSync(stage.partial)],
    ['it is shorter than recorded', 'partialShort', stage => truncateSync(stage.partial, held - 1)],
    [
      'its last bytes are others',
      'partialChanged',
      stage => writeFileSync(stage.partial, Buffer.alloc(held, 1))
    ],
    [
      'it has a second name',
      'partialNotOwn',
      stage => linkSync(stage.partial, join(stage.folder, 'another name'))
    ],
    [
      'the server gave only a weak tag',
      'noStrongValidator',
      stage => stage.alter(record => ({...record, response: {...record.response, entityTag: 'W/"v1"'}}))
    ],
    [
      'the server takes no ranges',
      'noRanges',
      stage => stage.alter(record => ({...record, response: {...record.response, acceptRanges: 'none'}}))
    ],
    [
      'it is of another address',
      'anotherAddress',
      stage =>
        stage.alter(record => ({
          ...record,
          originalRequest: {...record.originalRequest, url: `${record.originalRequest.url}?other`}
        }))
    ]
  ])('starts again when %s, as the download then does', async (_what, reason, mishap) => {
    const stage = await interrupted(mishap)
    await expect(inspect(stage)).resolves.toMatchObject({draft: {kind: 'restarts', reason}})
    await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual([undefined])
  })

  it('starts again when nothing had been received yet', async () => {
    const stage = await interrupted(stage => stage.alter(record => ({...record, bytesReceived: 0})))
    await expect(inspect(stage)).resolves.toMatchObject({
      draft: {kind: 'restarts', reason: 'nothingReceived'}
    })
  })

  it('is refused with --no-restart where it would have to start again', async () => {
    const stage = await interrupted(stage => unlinkSync(stage.partial))
    const scene = {restarting: 'refuse'} as const
    await expect(inspect(stage, scene)).resolves.toMatchObject({
      draft: {kind: 'refused', error: {code: 'RESOURCE_CHANGED'}}
    })
    await expect(stage.download(scene)).resolves.toMatchObject({error: {code: 'RESOURCE_CHANGED'}})
  })

  it.each<[string, RegExp, (stage: Stage) => unknown]>([
    ['is damaged', /it is damaged/, stage => replaceIn(stage.resumeData, '"paused"', '"failed"')],
    ['is no JSON', /not JSON/, stage => writeFileSync(stage.resumeData, 'hello')],
    ['is of a newer ferry', /newer/, stage => replaceIn(stage.resumeData, '"version": 1', '"version": 2')],
    ['has no signature of this user', /not made by this user/, stage => signAnew(stage, undefined)],
    ['has another user’s signature', /not made by this user/, stage => signAnew(stage, Buffer.alloc(32, 9))]
  ])('is refused when its resume data %s, as the download then is', async (_what, message, mishap) => {
    const stage = await interrupted(mishap)
    const code = 'RESUME_DATA_INVALID'
    await expect(inspect(stage)).resolves.toMatchObject({
      draft: {kind: 'refused', error: {code, message: expect.stringMatching(message)}}
    })
    await expect(stage.download()).resolves.toMatchObject({error: {code}})
    expect(stage.origin.requests).toEqual([])
  })

  it('is refused while another transfer holds the target, and by whom is said', async () => {
    const stage = await interrupted(() => {})
    const lock = await TargetLock.acquire(stage.target)
    await expect(inspect(stage)).resolves.toMatchObject({
      draft: {
        kind: 'refused',
        error: {code: 'BUSY', message: expect.stringContaining(`process ${process.pid}`)}
      }
    })
    lock.release()
    await expect(inspect(stage)).resolves.toMatchObject({draft: {kind: 'continues'}})
  })

  it.each<[string, DownloadScene, 'default' | 'ephemeral']>([
    ['ephemeral', {}, 'ephemeral'],
    ['switchedOff', {resuming: 'never'}, 'default'],
    ['piece', {headers: [['Range', 'bytes=0-9']]}, 'default'],
    ['decoded', {decode: true}, 'default']
  ])('is passed by for the reason %s', async (reason, scene, kind) => {
    const stage = await interrupted(() => {})
    await expect(inspect(stage, scene, kind)).resolves.toMatchObject({
      draft: {kind: 'bypassed', reason, path: stage.resumeData}
    })
  })

  it('counts as done when only the tidying was missing', async () => {
    const stage = await interrupted(() => {})
    const {ino, dev} = statSync(stage.partial)
    await stage.alter(record => ({
      ...record,
      state: 'committing',
      partial: {...record.partial, inode: ino, device: dev}
    }))
    linkSync(stage.partial, stage.target)
    await expect(inspect(stage)).resolves.toMatchObject({
      draft: {kind: 'committed'},
      target: {kind: 'file', size: held, fate: 'skipped'}
    })
  })

  it('is none where there is no resume data; a partial file without is named', async () => {
    const stage = await interrupted(stage => unlinkSync(stage.resumeData))
    await expect(inspect(stage)).resolves.toMatchObject({
      draft: {kind: 'none'},
      strayPartial: stage.partial
    })
  })
})

describe('the target', () => {
  it.each([
    ['replace', {kind: 'file', size: 3, fate: 'replaced'}],
    ['verify', {kind: 'file', size: 3, fate: 'replaced'}],
    ['rename', {kind: 'file', size: 3, fate: 'kept'}],
    ['skip', {kind: 'file', size: 3, fate: 'skipped'}],
    ['fail', {kind: 'refused', error: {code: 'DESTINATION_EXISTS'}}]
  ] as const)('that exists meets --if-exists %s', async (ifExists, target) => {
    const stage = await openStage()
    writeFileSync(stage.target, 'old')
    await expect(inspect(stage, {ifExists})).resolves.toMatchObject({target})
  })

  it('that is a folder or a link is refused; a name that nobody has is free', async () => {
    const stage = await openStage()
    mkdirSync(join(stage.folder, 'folder'))
    symlinkSync(join(stage.folder, 'elsewhere'), join(stage.folder, 'link'))
    const refused = {target: {kind: 'refused'}}
    await expect(inspect(stage, {fileName: 'folder'})).resolves.toMatchObject(refused)
    await expect(inspect(stage, {fileName: 'link'})).resolves.toMatchObject(refused)
    await expect(inspect(stage, {fileName: 'free'})).resolves.toMatchObject({
      name: 'given',
      folder: 'ready',
      target: {kind: 'absent'},
      draft: {kind: 'none'},
      strayPartial: undefined
    })
  })

  it('takes its name from the URL, which is a guess unless the server may not choose', async () => {
    const stage = await openStage()
    const scene = {directory: stage.folder}
    const request = urlRequest(stage.origin.url('/a/G%20H?x'))
    const planned = {request, sessionKind: 'default', key: undefined} as const
    await expect(inspectDownload({...planned, options: scene})).resolves.toMatchObject({
      path: join(stage.folder, 'G H'),
      name: 'guessed'
    })
    const options = {...scene, remoteHeaderName: false}
    await expect(inspectDownload({...planned, options})).resolves.toMatchObject({name: 'given'})
  })

  it('needs a folder that is there, or may be made', async () => {
    const stage = await openStage()
    const directory = join(stage.folder, 'missing')
    await expect(inspect(stage, {directory})).resolves.toMatchObject({folder: {code: 'WRITE_FAILED'}})
    await expect(inspect(stage, {directory, createDirectories: true})).resolves.toMatchObject({
      folder: 'made'
    })
    writeFileSync(directory, '')
    await expect(inspect(stage, {directory, createDirectories: true})).resolves.toMatchObject({
      folder: {code: 'WRITE_FAILED'}
    })
  })
})

function replaceIn(path: string, before: string, after: string): void {
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(before)
  writeFileSync(path, text.replace(before, after))
}

async function signAnew(stage: Stage, key: Buffer | undefined): Promise<void> {
  const {integrity: _hash, signature: _mark, ...data} = JSON.parse(readFileSync(stage.resumeData, 'utf8'))
  await writeResumeData(stage.resumeData, data, {key, flush: 'none'})
}
