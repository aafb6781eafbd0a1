import {copyFileSync, existsSync, readFileSync, unlinkSync, writeFileSync} from 'node:fs'
import {basename} from 'node:path'
import {describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing, firstBytes, whole} from './crossing.ts'
import {documentOf, eventsOf, explanation} from './said.ts'
import {answer, uploadCrossing} from './upload-crossing.ts'

describe('resume of an upload', () => {
  it.each([
    ['the file of -o', ['-o', 'answer'], 'answer'],
    ['a new folder of -P', ['-o', 'answer', '-P', 'new/folder', '--create-dirs'], 'new/folder/answer']
  ])('writes the answer to %s, as upload does', async (_where, flags, file) => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const run = await crossing.run(['resume', ...flags, id])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: ''})
    expect(readFileSync(crossing.path(file), 'utf8')).toBe(answer)
    crossing.expectStored()
  })

  it('prints the answer with -o -, and tells it with --events', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    expect(await crossing.run(['resume', '-o', '-', id])).toMatchObject({code: 0, stdout: answer})
    const other = await uploadCrossing()
    const {id: second} = await other.pausedUpload()
    const told = eventsOf(await other.run(['resume', '--events', '-o', '-', second]))
    const data = told.filter(({event}) => event === 'task.data').map(({base64}) => String(base64))
    expect(Buffer.from(data.join(''), 'base64').toString()).toBe(answer)
  })

  it.each([
    ['where the folder of -o is missing', ['-o', 'missing/answer'], 23],
    ['with --json -o -', ['--json', '-o', '-'], 2],
    ['with -P alone', ['-P', '.'], 2]
  ])('sends nothing %s', async (_when, flags, code) => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const asked = crossing.server.log.length
    expect(await crossing.run(['resume', ...flags, id])).toMatchObject({code})
    expect(crossing.server.log).toHaveLength(asked)
    expect(await crossing.task()).toMatchObject({id, state: 'paused'})
  })

  it.each([
    ['--url', 'http://127.0.0.1:1/F'],
    ['--if-exists', 'replace'],
    ['--sha256', '0'.repeat(64)],
    ['--require-length'],
    ['--no-store']
  ])('refuses %s, which is for downloads, and changes nothing', async (...flag) => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const asked = crossing.server.log.length
    const run = await crossing.run(['resume', ...flag, id])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).why).toBe(`${flag[0]} is for downloads, and ${id} is an upload`)
    expect(crossing.server.log).toHaveLength(asked)
    expect(await crossing.task()).toMatchObject({id, state: 'paused'})
  })

  it('of a file that has changed since ends with 26 and keeps everything, unless told to --restart [U4]', async () => {
    const crossing = await uploadCrossing()
    const {id, resumeData} = await crossing.pausedUpload()
    writeFileSync(crossing.path('F'), whole.toReversed())
    const refused = await crossing.run(['resume', id])
    expect(refused.code).toBe(26)
    expect(explanation(refused)).toMatchObject({code: 'SOURCE_CHANGED'})
    expect(existsSync(resumeData ?? '')).toBe(true)
    const again = await crossing.run(['resume', '--restart', id])
    expect(again, again.stderr).toMatchObject({code: 0, stdout: answer})
    expect(again.stderr).toMatch(/started again from zero: The file has changed\)$/m)
    expect(crossing.resource.content.equals(whole.toReversed())).toBe(true)
  })

  it('of a file that is gone ends with 26', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    unlinkSync(crossing.path('F'))
    const run = await crossing.run(['resume', id])
    expect(run.code).toBe(26)
    expect(explanation(run)).toMatchObject({code: 'READ_FAILED'})
  })

  it('that a server has forgotten ends with 111, and names the command that begins again', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    crossing.resource.forget()
    const refused = await crossing.run(['resume', id])
    expect(refused.code).toBe(111)
    expect(explanation(refused)).toMatchObject({code: 'NOT_RESUMABLE'})
    const [, command = ''] = /^Begin again with: ferry (resume .+)$/m.exec(refused.stderr) ?? []
    expect(await crossing.run(command.split(' '))).toMatchObject({code: 0})
    crossing.expectStored()
  })

  it('that does not reach the server keeps what is known of it', async () => {
    const crossing = await uploadCrossing()
    const {id, bytes} = await crossing.pausedUpload()
    await crossing.server.origin.close()
    const run = await crossing.run(['resume', '--retry', '0', id])
    expect(run.code).toBe(7)
    expect(run.stderr).toMatch(/^Sent: [1-9]\d* KiB; continue with: ferry resume /m)
    expect(await crossing.task()).toMatchObject({state: 'failed', bytes, total: whole.length})
  })

  it('that runs already ends with 112', async () => {
    const crossing = await uploadCrossing()
    await crossing.startUpload()
    const {id} = await crossing.task()
    const run = await crossing.run(['resume', id])
    expect(run.code).toBe(112)
    expect(explanation(run).next).toContain(`ferry pause ${id}`)
  })

  it('that went on under another id is told by that one: with 112 while it runs, with 111 once it was paused', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const second = crossing.start(['resume', '--limit-rate', '20k', id])
    const successor = await crossing.isSeen(['pause', 'cancel'])
    const busy = await crossing.run(['resume', id])
    expect(busy.code).toBe(112)
    expect(explanation(busy).why).toMatch(`Task ${id} went on as ${successor.id}, which is running`)
    expect(await crossing.run(['pause', successor.id])).toMatchObject({code: 0})
    await second.done
    const used = await crossing.run(['resume', id])
    expect(used.code).toBe(111)
    expect(explanation(used).next).toContain(`ferry resume ${successor.id}`)
    expect(await crossing.run(['resume', successor.id])).toMatchObject({code: 0})
    expect(explanation(await crossing.run(['resume', id])).why).toMatch(
      /what it had kept was used or removed$/
    )
  })

  it.each([
    ['no more words', []],
    ['--trust-resume-data', ['--trust-resume-data']]
  ] as const)(
    'refuses what another user has made, whose file it would send, also with %s',
    async (_words, flags) => {
      const crossing = await uploadCrossing()
      const {resumeData} = await crossing.pausedUpload()
      const stranger = new Crossing()
      const stolen = stranger.path(basename(resumeData ?? ''))
      copyFileSync(resumeData ?? '', stolen)
      const asked = crossing.server.log.length
      const run = await stranger.run(['resume', ...flags, stolen])
      expect(run.code).toBe(111)
      expect(explanation(run)).toMatchObject({code: 'RESUME_DATA_INVALID'})
      expect(crossing.server.log).toHaveLength(asked)
    }
  )

  it('refuses -o where there are downloads only, and takes it beside one', async () => {
    const crossing = await uploadCrossing()
    await using origin = await startOrigin()
    const upload = await crossing.pausedUpload()
    const download = await crossing.pausedHalf(origin, 'G')
    const refused = await crossing.run(['resume', '-o', 'answer', download.id])
    expect(refused).toMatchObject({code: 2})
    expect(explanation(refused).why).toBe(
      `--output is for the answer to an upload, and ${download.id} is a download`
    )
    const run = await crossing.run(['resume', '-o', 'answer', download.id, upload.id])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: `${crossing.path('G')}\n`})
    expect(readFileSync(crossing.path('answer'), 'utf8')).toBe(answer)
  })

  it('goes beside that of a download, each in its own way', async () => {
    const crossing = await uploadCrossing()
    await using origin = await startOrigin()
    const upload = await crossing.pausedUpload()
    const download = await crossing.pausedHalf(origin, 'G')
    const run = await crossing.run(['resume', '--json', download.id, upload.id])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(documentOf(run).tasks).toMatchObject([
      {kind: 'download', path: crossing.path('G'), resumedFrom: firstBytes},
      {kind: 'upload', path: null, resumedFrom: firstBytes}
    ])
    expect(readFileSync(crossing.path('G')).equals(whole)).toBe(true)
    crossing.expectStored()
  })

  it('needs secrets to be given again: it names them, and stays silent where they are given', async () => {
    const crossing = await uploadCrossing()
    const key = canary('key', crossing.server.origin)
    const {id, resumeData} = await crossing.pausedUpload(['-H', `X-Api-Key: ${key}`])
    const without = await crossing.run(['resume', '--no-restart', '--max-time', '0.001', id])
    expect(without.stderr).toContain(
      'warning: X-Api-Key was given with the upload, and is not stored: give it again with -H'
    )
    const misread = await crossing.run(['resume', '-d', 'x', id])
    expect(explanation(misread).why).toBe('-d is not a flag of ferry resume')
    const again = await crossing.run(['resume', '-H', `X-Api-Key: ${key}`, resumeData ?? ''])
    expect(again.code).toBe(0)
    expect(again.stderr).not.toContain('not stored')
    expect(crossing.server.of('append')[0]?.request.header('x-api-key')).toBe(key)
  })

  it('names several secrets that are missing, and the flags for them', async () => {
    const crossing = await uploadCrossing()
    const {origin} = crossing.server
    const secrets = ['-H', `X-Api-Key: ${canary('key', origin)}`, '-b', `id=${canary('cookie', origin)}`]
    const {id} = await crossing.pausedUpload(secrets)
    const {stderr} = await crossing.run(['resume', '--no-restart', '--max-time', '0.001', id])
    expect(stderr).toMatch(
      /^warning: (Cookie and X-Api-Key|X-Api-Key and Cookie) were given .* are not stored: give them again with -H or -b$/m
    )
  })

  it('tells events in the order of uploads: what was there before is no progress', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const events = eventsOf(await crossing.run(['resume', '--events', id]))
    const names = events.map(({event}) => event)
    expect(names.filter(name => name !== 'task.progress')).toEqual([
      'task.created',
      'task.started',
      'task.resumed',
      'task.response',
      'task.data',
      'task.metrics',
      'task.completed',
      'session.invalidated'
    ])
    expect(names.indexOf('task.progress')).toBeGreaterThan(names.indexOf('task.resumed'))
    const progress = events.filter(({event}) => event === 'task.progress')
    const sent = progress.reduce((sum, {bytes}) => sum + Number(bytes), 0)
    expect(sent).toBe(whole.length - firstBytes)
    expect(events.find(({event}) => event === 'task.resumed')).toMatchObject({
      offset: firstBytes,
      expectedTotal: whole.length
    })
  })
})
