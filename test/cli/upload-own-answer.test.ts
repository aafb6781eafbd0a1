import {readFileSync, writeFileSync} from 'node:fs'
import {describe, expect, it, onTestFinished} from 'vitest'
import type {Handler} from '../origin/connection.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {Crossing, firstBytes} from './crossing.ts'
import {documentOf, explanation} from './said.ts'
import {uploadCrossing} from './upload-crossing.ts'

/** One user's machine with a file about which a server is asked first, and such a server. */
async function scene(options: Handler): Promise<{crossing: Crossing; origin: Origin}> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  origin.on('OPTIONS', options)
  const crossing = new Crossing()
  writeFileSync(crossing.path('F'), Buffer.alloc(1024 * 1024, 'x'))
  return {crossing, origin}
}

const draft = respond(204, {'x-of': 'the question', 'upload-limit': 'min-size=0'})
const tus = respond(204, {'tus-resumable': '1.0.0', 'tus-version': '1.0.0', 'tus-extension': 'creation'})

/** The statuses of the heads in a text. */
const statuses = (text: string): number[] =>
  [...text.matchAll(/^(?:< )?HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))

describe('Of an upload, -D, --show-headers, -w and --json tell the answer', () => {
  it('and not what the server was asked before, which -v shows', async () => {
    const {crossing, origin} = await scene(draft)
    origin.on('PUT', respond(201, {'x-of': 'the file'}, 'stored'))
    const words = ['upload', '-v', '-D', 'heads', '--show-headers', '-w', ' %{http_code}']
    const run = await crossing.run([...words, 'F', origin.url('/F')])
    expect(run, run.stderr).toMatchObject({code: 0})
    const heads = readFileSync(crossing.path('heads'), 'utf8')
    expect(statuses(heads)).toEqual([201])
    expect(run.stdout).toBe(`${heads}stored 201`)
    expect(statuses(run.stderr)).toEqual([204, 201])
  })

  it('and no step on the way to it', async () => {
    const {crossing, origin} = await scene(tus)
    origin.on('POST', respond(201, {location: '/kept', 'tus-resumable': '1.0.0'}))
    origin.on('PATCH', respond(204, {'upload-offset': String(1024 * 1024), 'tus-resumable': '1.0.0'}))
    const run = await crossing.run(['upload', '--json', '-D', 'heads', 'F', origin.url('/files')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(statuses(readFileSync(crossing.path('heads'), 'utf8'))).toEqual([204])
    expect(documentOf(run).tasks).toMatchObject([{status: 204, headers: {'upload-offset': '1048576'}}])
  })

  it('with the hops that lead to it, also where it is a refusal', async () => {
    const {crossing, origin} = await scene(draft)
    origin.on('/moved', redirect(307, '/full'))
    origin.on('OPTIONS', draft)
    origin.on('/full', respond(413, {'x-of': 'the file'}))
    writeFileSync(crossing.path('small'), 'x')
    for (const [file, expected] of [
      ['small', [307, 413]],
      ['F', [307, 413]]
    ] as const) {
      const run = await crossing.run([
        'upload',
        '-D',
        'heads',
        '-w',
        '%{http_code}',
        file,
        origin.url('/moved')
      ])
      expect(run).toMatchObject({code: 22, stdout: '413'})
      expect(statuses(readFileSync(crossing.path('heads'), 'utf8'))).toEqual(expected)
    }
  })

  it('and nothing where there is none', async () => {
    const {crossing, origin} = await scene(draft)
    origin.on('PUT', (_request, reply) => reply.reset())
    const words = ['upload', '--retry', '0', '-D', '-', '-w', '%{http_code}']
    expect(await crossing.run([...words, 'F', origin.url('/F')])).toMatchObject({stdout: '000'})
    const run = await crossing.run(['upload', '--retry', '0', '--json', 'F', origin.url('/F')])
    expect(documentOf(run).tasks).toMatchObject([{state: 'failed', status: null, headers: null}])
  })

  it('and not how far the server says that it is', async () => {
    const crossing = await uploadCrossing()
    const {id} = await crossing.pausedUpload()
    const run = await crossing.run(['resume', '-D', 'heads', '-w', '%{http_code}', '-o', 'answer', id])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: '201'})
    expect(crossing.server.log.map(({kind}) => kind)).toContain('state')
    expect(statuses(readFileSync(crossing.path('heads'), 'utf8'))).toEqual([201])
  })

  it('and not how far the server was, where the rest did not reach it', async () => {
    const crossing = await uploadCrossing({
      faults: {create: [{after: firstBytes, connection: 'stall'}], append: [{connection: 'reset'}]}
    })
    const {id} = await crossing.pausedUpload()
    const run = await crossing.run(['resume', '--retry', '0', '--json', id])
    expect(crossing.server.log.map(({kind}) => kind)).toEqual(['create', 'state', 'append'])
    expect(documentOf(run).tasks).toMatchObject([{state: 'failed', status: null, headers: null}])
  })
})

describe('The answer to an upload whose end nothing proves', () => {
  const endless: Handler = async (_request, reply) => {
    await reply.raw('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nstored')
    await reply.fin()
  }

  it('is taken, but not with --require-length: 18, and it is not sent again', async () => {
    const {crossing, origin} = await scene(respond(404))
    origin.on('PUT', endless)
    const words = ['upload', 'F', origin.url('/F')]
    expect(await crossing.run(words)).toMatchObject({code: 0, stdout: 'stored'})
    const strict = await crossing.run([...words, '--require-length'])
    expect(strict).toMatchObject({code: 18})
    expect(explanation(strict)).toMatchObject({code: 'TRANSFER_TRUNCATED'})
    expect(explanation(strict).next).toContain('--require-length')
    expect(origin.requests.filter(({method}) => method === 'PUT')).toHaveLength(2)
    for (const flag of ['--background', '--suspended'])
      expect(await crossing.run([...words, '--require-length', flag])).toMatchObject({code: 2, stdout: ''})
  })

  it('is taken with --require-length where it has a length', async () => {
    const {crossing, origin} = await scene(respond(404))
    origin.on('PUT', respond(200, {}, 'stored'))
    const run = await crossing.run(['upload', '--require-length', 'F', origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'stored'})
  })
})
