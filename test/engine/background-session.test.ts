import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {ConfigurationChanges, SessionDelegate, Waiting} from '../../src/engine/index.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {digestOf, first, openStage} from './download/stage.ts'
import {RecordedSession, quick} from './recorded-session.ts'

function backgroundSession(
  changes: ConfigurationChanges = {},
  delegate: SessionDelegate = {}
): RecordedSession {
  const recorded = new RecordedSession(SessionConfiguration.background('x', quick).with(changes), delegate)
  onTestFinished(() => recorded.session.invalidateAndCancel())
  return recorded
}

const refused = {name: 'TransferError', code: 'CONFIGURATION_REFUSED'}

describe('A background session', () => {
  it('has no data tasks: nobody may be there to take their bytes [B5]', () => {
    const {session} = backgroundSession()
    expect(() => session.dataTask(urlRequest('http://127.0.0.1:1/'))).toThrow(
      expect.objectContaining(refused)
    )
    expect(session.tasks).toEqual([])
  })

  it.each([{kind: 'data', data: Buffer.from('x')}, {kind: 'form', fields: []}, {kind: 'stream'}] as const)(
    'uploads files and nothing else, so no $kind [B5, B8]',
    source => {
      const {session} = backgroundSession()
      const request = urlRequest('http://127.0.0.1:1/', {method: 'PUT'})
      expect(() => session.uploadTask(request, {source})).toThrow(expect.objectContaining(refused))
    }
  )

  it('uploads no pipe that has the name of a file, and asks nobody [B8]', async () => {
    await using origin = await startOrigin()
    const path = join(scratchFolder(), 'F')
    execFileSync('mkfifo', [path])
    const {session} = backgroundSession()
    const request = urlRequest(origin.url('/U'), {method: 'PUT'})
    const task = session.uploadTask(request, {source: {kind: 'file', path}})
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: refused})
    expect(origin.requests).toEqual([])
  })

  it('uploads a file [B8]', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(200))
    const path = join(scratchFolder(), 'F')
    writeFileSync(path, 'content')
    const {session} = backgroundSession({uploads: {resumable: 'none'}})
    const request = urlRequest(origin.url('/U'), {method: 'PUT'})
    const task = session.uploadTask(request, {source: {kind: 'file', path}})
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(origin.requests[0]?.body.toString()).toBe('content')
  })

  it('follows redirections without asking its delegate, and tells it [B5]', async () => {
    const asked: string[] = []
    const stage = await openStage({
      kind: 'background',
      delegate: {
        willPerformRedirection: (_task, {request}) => {
          asked.push('asked')
          return {...request, url: new URL('http://127.0.0.1:1/')}
        },
        didDecideRedirection: (_task, {decision}) => void asked.push(decision)
      }
    })
    stage.origin.on('/F', redirect(302, '/G'))
    stage.origin.serve('/G', first)
    expect(await stage.download()).toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
    expect(asked).toEqual(['follow'])
  })

  it('leaves resume data of a short file before it makes the file, so that a crash leaves nothing unknown [fault 58]', async () => {
    const written: (string | undefined)[] = []
    const stage = await openStage({
      kind: 'background',
      environment: {
        didUpdateResumeData: (_task, path) => written.push(path),
        willPlaceFile: () => void written.push(`${stage.files.join(' ')} ${stage.record.state}`)
      }
    })
    stage.origin.serve('/F', first)
    await stage.download()
    expect(written).toEqual([stage.resumeData, 'F.ferry F.lock F.part committing', undefined])
    expect(stage.files).toEqual(['F'])
  })
})

const eager = {retry: {attempts: 100, delay: 0.01}}

describe('What the network does to a task of a background session', () => {
  it.each([
    ['a server that hangs up', {cutAfter: 0}],
    ['a connection that breaks', {resetAfter: 0}],
    ['silence', {stallAfter: 0}]
  ])(
    'ends nothing, however often and although the session has one attempt more: %s [B6]',
    async (_what, fault) => {
      const configuration = {retry: {attempts: 1}, timeouts: {idle: 0.05}}
      const waitings: Waiting[] = []
      const stage = await openStage({
        kind: 'background',
        configuration,
        delegate: {taskWillReconnect: (_task, waiting) => void waitings.push(waiting)}
      })
      stage.origin.serve('/F', {...first, faults: [fault, fault]})
      expect(await stage.download()).toMatchObject({state: 'completed'})
      expect(stage.content).toBe(digestOf(first.body))
      expect(waitings).toHaveLength(2)
    }
  )

  it('is a way that is missing, which is waited for, also before it was there at all, and told once [B6, P7]', async () => {
    const before = await startOrigin()
    const {port} = before
    await before.close()
    const recorded = backgroundSession(eager)
    const options = {directory: scratchFolder(), fileName: 'F'}
    const task = recorded.session.downloadTask(urlRequest(`http://127.0.0.1:${port}/F`), options)
    task.resume()
    await new Promise(resolve => setTimeout(resolve, 60))
    await using origin = await startOrigin({port})
    origin.serve('/F', first)
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(recorded.calls.filter(({name}) => name === 'taskIsWaiting').map(({value}) => value)).toMatchObject(
      [{reason: 'connectivity'}]
    )
  })

  it('is waited for after the response, too: the way may be lost in the middle [B6]', async () => {
    const stage = await openStage({kind: 'background', configuration: eager})
    const {port} = stage.origin
    const task = await stage.reach(first, 300)
    await stage.origin.close()
    await new Promise(resolve => setTimeout(resolve, 60))
    await using origin = await startOrigin({port})
    origin.serve('/F', first)
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(origin.requests.map(request => request.header('range'))).toEqual(['bytes=300-'])
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('ends it with its total time only, of which earlier processes have used their share [B6, P4]', async () => {
    const stage = await openStage({kind: 'background', configuration: {...eager, timeouts: {total: 3600}}})
    stage.origin.welcome = 'reset'
    const outcome = await stage.download({spent: 3_599_000})
    expect(outcome).toMatchObject({
      state: 'failed',
      error: {code: 'TIMED_OUT', message: 'The whole task took longer than 3600 s'}
    })
    expect(stage.origin.connections).toBeGreaterThan(1)
  })

  it('is not what a server says: that has as many attempts as the session gives it [B6]', async () => {
    const stage = await openStage({kind: 'background', configuration: {retry: {attempts: 2, delay: 0.01}}})
    stage.origin.serve('/F', {...first, fault: {status: 503}})
    expect(await stage.download()).toMatchObject({error: {code: 'HTTP_STATUS', status: 503}})
    expect(stage.origin.requests).toHaveLength(3)
  })

  it('is not a server that nobody should trust: that ends it at once', async () => {
    const stage = await openStage({kind: 'background', configuration: eager})
    stage.origin.serve('/F', {...first, fault: {lie: 'junkStatusLine'}})
    expect(await stage.download()).toMatchObject({error: {code: 'REPLY_MALFORMED'}})
    expect(stage.origin.requests).toHaveLength(1)
  })
})
