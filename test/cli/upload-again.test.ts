import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {OriginRequest} from '../origin/request.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {firstBytes} from './crossing.ts'
import {filesIn} from './files-in.ts'
import {documentOf, explanation} from './said.ts'
import {answer, uploadCrossing} from './upload-crossing.ts'
import type {UploadCrossing} from './upload-crossing.ts'

function uploadsOf(crossing: UploadCrossing): string[] {
  return filesIn(join(crossing.home, 'state', 'uploads')).map(({path}) => path)
}

describe('the same upload again', () => {
  it('goes on where the server is, and leaves nothing in the end', async () => {
    const crossing = await uploadCrossing()
    await crossing.pausedUpload()
    expect(uploadsOf(crossing)).not.toEqual([])
    const run = await crossing.run(['upload', '--json', 'F', crossing.url])
    expect(documentOf(run).tasks).toMatchObject([{state: 'completed', resumedFrom: firstBytes}])
    crossing.expectStored()
    expect(uploadsOf(crossing)).toEqual([])
  })

  it('begins anew with --no-resume, and leaves what was there to whoever resumes it', async () => {
    const crossing = await uploadCrossing()
    await crossing.pausedUpload()
    const kept = uploadsOf(crossing)
    const run = await crossing.run(['upload', '--no-resume', 'F', crossing.url])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: answer})
    expect(crossing.server.resources.length).toBeGreaterThan(1)
    expect(uploadsOf(crossing)).toEqual(kept)
  })

  it('begins anew where the server has lost it, but ends with 111 with --no-restart', async () => {
    const crossing = await uploadCrossing()
    await crossing.pausedUpload()
    crossing.resource.forget()
    const refused = await crossing.run(['upload', '--no-restart', 'F', crossing.url])
    expect(refused).toMatchObject({code: 111})
    expect(explanation(refused).code).toBe('NOT_RESUMABLE')
    const run = await crossing.run(['upload', 'F', crossing.url])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: answer})
    crossing.expectStored()
  })

  it('finds nothing after an ephemeral one, which leaves nothing', async () => {
    const crossing = await uploadCrossing()
    const ferry = crossing.start(['upload', '--ephemeral', 'F', crossing.url])
    await vi.waitFor(() => expect(crossing.server.resources).toHaveLength(1), patience)
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130})
    expect(uploadsOf(crossing)).toEqual([])
    expect(await crossing.tasks()).toEqual([])
  })

  it('goes on from the file of --resume-data, in a session that leaves nothing else', async () => {
    const crossing = await uploadCrossing()
    const flags = ['--ephemeral', '--resume-data', 'kept.ferry']
    const words = ['upload', ...flags, 'F', crossing.url]
    const ferry = crossing.start(words)
    await vi.waitFor(() => expect(existsSync(crossing.path('kept.ferry'))).toBe(true), patience)
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130})
    expect(statSync(crossing.path('kept.ferry')).mode & 0o777).toBe(0o600)
    expect(uploadsOf(crossing)).toEqual([])
    const run = await crossing.run(words)
    expect(run, run.stderr).toMatchObject({code: 0, stdout: answer})
    crossing.expectStored()
    expect(existsSync(crossing.path('kept.ferry'))).toBe(false)
  })

  it('touches no file of --resume-data that is something else, and says to name another', async () => {
    const crossing = await uploadCrossing()
    writeFileSync(crossing.path('notes'), 'precious')
    const run = await crossing.run(['upload', '--resume-data', 'notes', 'F', crossing.url])
    expect(run.code).toBe(111)
    expect(explanation(run).next).toContain('Name another file')
    expect(readFileSync(crossing.path('notes'), 'utf8')).toBe('precious')
    expect(crossing.server.resources).toEqual([])
  })
})

describe('how a file is sent', () => {
  const size = 1_500_000

  async function sentWith(
    flags: readonly string[],
    content = Buffer.alloc(size, 'x')
  ): Promise<OriginRequest[]> {
    await using origin = await startOrigin({bodies: 'counted'})
    origin.on('*', respond(200))
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), content)
    const run = await runFerry(['upload', ...flags, 'F', origin.url('/F')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(content)).toBe(true)
    return origin.requests
  }

  it('is a plain request with --resumable none', async () => {
    const requests = await sentWith(['--resumable', 'none'])
    expect(requests.map(({method, bodyLength}) => [method, bodyLength])).toEqual([['PUT', size]])
    expect(requests[0]?.rawHead).not.toMatch(/upload-|tus-/i)
  })

  it('is the draft with --resumable ietf, in the version that is asked for', async () => {
    const [request] = await sentWith(['--resumable', 'ietf', '--interop-version', '6'])
    expect(request?.method).toBe('PUT')
    expect(request?.header('upload-draft-interop-version')).toBe('6')
    expect(request?.header('upload-complete')).toBe('?1')
  })

  it('is what the user says where he speaks a protocol himself, unless he wants it to be spoken', async () => {
    const own = ['-H', 'Upload-Complete: ?0', '-H', 'Upload-Length: 7']
    const requests = await sentWith(own)
    expect(requests.map(({method}) => method)).toEqual(['PUT'])
    expect(requests[0]?.rawHead.match(/^upload-.*/gim)).toEqual(['Upload-Complete: ?0', 'Upload-Length: 7'])
    const [spoken] = await sentWith([...own, '--resumable', 'ietf'])
    expect(spoken?.header('upload-complete')).toBe('?1')
    expect(spoken?.header('upload-length')).toBe(String(size))
  })

  it.each([
    [['--resumable', 'none'], '100-continue'],
    [['--resumable', 'none', '--expect100-timeout', '0'], undefined],
    [['--resumable', 'none', '-H', 'Expect:'], undefined]
  ])('asks first whether a large body is welcome, unless told otherwise: %j', async (flags, expected) => {
    const [request] = await sentWith(flags)
    expect(request?.header('expect')).toBe(expected)
  })

  it('is as the session says, and a flag wins over it', async () => {
    const env = {FERRY_HOME: scratchFolder()}
    await using origin = await startOrigin({bodies: 'counted'})
    origin.on('*', respond(200))
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'small')
    await runFerry(['sessions', 'create', 'plain', '--resumable', 'none'], {env})
    await runFerry(['upload', '--session', 'plain', 'F', origin.url('/F')], {cwd, env})
    await runFerry(['upload', '--session', 'plain', '--resumable', 'ietf', 'F', origin.url('/F')], {cwd, env})
    expect(origin.requests.map(request => request.header('upload-complete'))).toEqual([undefined, '?1'])
  })
})
