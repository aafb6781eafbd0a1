import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

interface Told {
  readonly event: string
  readonly part?: number | null
  readonly base64?: string
  readonly headers?: Readonly<Record<string, string>>
}

const part = (text: string): string => `--b\r\nContent-Type: image/jpeg\r\n\r\n${text}\r\n`

async function camera(body = `${part('one')}${part('two')}--b--`): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('/cam', (_request, reply) =>
    reply.respond(200, {'content-type': 'multipart/x-mixed-replace; boundary=b'}, body)
  )
  return origin
}

describe('Content whose parts replace each other', () => {
  it('comes to standard output part by part, without what stands between them [R54]', async () => {
    await using origin = await camera()
    const run = await runFerry(['get', '-o', '-', origin.url('/cam')])
    expect(run).toMatchObject({code: 0, stdout: 'onetwo'})
  })

  it('is told of as a response for each part, with its data after it [R54]', async () => {
    await using origin = await camera()
    const run = await runFerry(['get', '-o', '-', '--events', origin.url('/cam')])
    const events = run.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Told)
    const told = events.filter(({event}) => event === 'task.response' || event === 'task.data')
    expect(
      told.map(({event, part: number, base64 = ''}) => [
        event,
        number ?? Buffer.from(base64, 'base64').toString()
      ])
    ).toEqual([
      ['task.response', ''],
      ['task.response', 1],
      ['task.data', 'one'],
      ['task.response', 2],
      ['task.data', 'two']
    ])
    expect(told[0]?.part).toBeNull()
    expect(told[1]?.headers).toEqual({'content-type': 'image/jpeg'})
  })

  it('leaves the last whole part in a file, and nothing beside it [R54]', async () => {
    await using origin = await camera(`${part('one')}${part('two')}--b\r\n\r\nthr`)
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-o', 'still.jpg', origin.url('/cam')], {cwd})
    expect(run.code).toBe(0)
    expect(readFileSync(join(cwd, 'still.jpg'), 'utf8')).toBe('two')
    expect(existsSync(join(cwd, 'still.jpg.ferry'))).toBe(false)
  })

  it('becomes no file part by part: what saves and what decides looks at the whole', async () => {
    await using origin = await camera()
    const cwd = scratchFolder()
    const saving = await runFerry(['get', '-o', '-', '--download-if', 'image/*', origin.url('/cam')], {cwd})
    expect(saving).toMatchObject({code: 0, stdout: 'onetwo'})
    writeFileSync(join(cwd, 'hook.sh'), `cat >> asked; echo '{"decision":"allow"}'`)
    await runFerry(['get', '-o', '-', '--on-response', 'sh hook.sh', origin.url('/cam')], {cwd})
    expect(readFileSync(join(cwd, 'asked'), 'utf8').trim().split('\n')).toHaveLength(1)
  })
})
