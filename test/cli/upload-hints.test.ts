import {copyFileSync, writeFileSync} from 'node:fs'
import {describe, expect, it, onTestFinished} from 'vitest'
import {readFailure} from '../../src/engine/files/read-failure.ts'
import {cannotReadAgain} from '../../src/engine/upload/cannot-read-again.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {Crossing, whole} from './crossing.ts'
import {explanation} from './said.ts'
import {uploadCrossing} from './upload-crossing.ts'

const mebibyte = 1024 * 1024

/** One user's machine with a large file F, and an origin. */
async function scene(): Promise<{crossing: Crossing; origin: Origin}> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  const crossing = new Crossing()
  writeFileSync(crossing.path('F'), Buffer.alloc(mebibyte, 'x'))
  return {crossing, origin}
}

describe('What to do next about an upload', () => {
  it('whose file has changed is told as a command that can be run, by id and by path', async () => {
    const crossing = await uploadCrossing()
    const {id, resumeData} = await crossing.pausedUpload()
    copyFileSync(resumeData ?? '', crossing.path('its data.ferry'))
    writeFileSync(crossing.path('F'), whole.toReversed())
    const byPath = await crossing.run(['resume', 'its data.ferry'])
    expect(explanation(byPath)).toMatchObject({code: 'SOURCE_CHANGED'})
    expect(explanation(byPath).next).toMatch(/: ferry resume 'its data\.ferry' --restart$/)
    const byId = await crossing.run(['resume', id])
    const [, command = ''] = /zero with: ferry (resume \S+ --restart),/.exec(byId.stderr) ?? []
    expect(await crossing.run(command.split(' '))).toMatchObject({code: 0})
  })

  it.each([
    ['tus', {'tus-resumable': '1.0.0', 'tus-extension': 'creation', 'tus-max-size': '9'}],
    ['the draft', {'upload-limit': 'max-size=9'}]
  ])('that is too large for a server of %s is nothing about a limit of our own', async (_what, head) => {
    const {crossing, origin} = await scene()
    origin.on('OPTIONS', respond(204, head))
    const run = await crossing.run(['upload', 'F', origin.url('/F')])
    expect(run).toMatchObject({code: 63})
    expect(explanation(run).next).toBe('Send less, or ask the operator of the server to allow more.')
    origin.on('/large', respond(200, {}, 'x'.repeat(100)))
    const own = await crossing.run(['get', '--max-filesize', '9', '-o', '-', origin.url('/large')])
    expect(explanation(own).next).toContain('--max-filesize')
  })

  it.each([
    ['-d', ['-d', 'x'], /^POST is not sent again by itself.*--retry-all-errors\.$/],
    ['a file', ['F'], /--retry N tries more often\.$/],
    ['a file with POST', ['-X', 'POST', 'F'], /^POST is not sent again/],
    ['a plain file with PATCH', ['--resumable', 'none', '-X', 'PATCH', 'F'], /^PATCH is not sent again/]
  ])('that failed at a busy server is no flag that would change nothing: %s', async (_what, words, next) => {
    const {crossing, origin} = await scene()
    origin.on('/busy', respond(503))
    const run = await crossing.run(['upload', '--retry-max-time', '0.001', ...words, origin.url('/busy')])
    expect(run.code).toBe(22)
    expect(explanation(run).next).toMatch(next)
  })

  it.each([200, 405])('that was to go with tus to a server without it (%i) is to find out', async status => {
    const {crossing, origin} = await scene()
    origin.on('/F', respond(status))
    const run = await crossing.run(['upload', '--resumable', 'tus', 'F', origin.url('/F')])
    expect(run.code).toBe(status === 200 ? 8 : 22)
    expect(explanation(run).next).toMatch(/--resumable auto .*--resumable none/)
  })

  it.each([
    ['tus', ['--resumable', 'tus']],
    ['a PUT', []]
  ])('that the server forbids (%s) is not only about who asks', async (_what, flags) => {
    const {crossing, origin} = await scene()
    origin.on(
      'OPTIONS',
      respond(204, {'tus-resumable': '1.0.0', 'tus-version': '1.0.0', 'tus-extension': 'creation'})
    )
    origin.on('/F', respond(403, {'tus-resumable': '1.0.0'}))
    const run = await crossing.run(['upload', ...flags, 'F', origin.url('/F')])
    expect(run.code).toBe(22)
    expect(explanation(run).next).toMatch(/credentials, .* lets anybody send to this address/)
    const get = await crossing.run(['get', '-o', '-', origin.url('/F')])
    expect(explanation(get).next).toBe('Check the credentials, and whether the link has expired.')
  })

  it('ends with a full stop', () => {
    const codes = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP', 'EMFILE', 'EIO', 'EOTHER']
    const failures = codes.map(code => readFailure(Object.assign(new Error('x'), {code}), 'F'))
    for (const {hint} of [...failures, cannotReadAgain('F', 'retry')]) expect(hint).toMatch(/\.$/)
  })
})

describe('-v', () => {
  it('shows that the server is asked before a large body, as it is written, and not before a small one', async () => {
    const {crossing, origin} = await scene()
    origin.on('/F', respond(200))
    writeFileSync(crossing.path('small'), 'x')
    const words = ['upload', '-v', '--resumable', 'none']
    const large = await crossing.run([...words, 'F', origin.url('/F')])
    expect(large.stderr).toContain('> Expect: 100-continue\n')
    expect(origin.requests.at(-1)?.header('expect')).toBe('100-continue')
    const small = await crossing.run([...words, 'small', origin.url('/F')])
    expect(small.stderr).not.toContain('Expect')
    expect(origin.requests.at(-1)?.header('expect')).toBeUndefined()
  })
})
