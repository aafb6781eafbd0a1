import {beforeEach, describe, expect, it} from 'vitest'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, explanation} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

/** Hands over a download of nothing, and awaits its end. */
async function failed(): Promise<string> {
  const id = await crossing.submit(['get', '--background', crossing.origin.url('/missing')])
  await crossing.run(['wait', '-s', id])
  return id
}

describe('wait', () => {
  it('says why a task has failed as the command would have that ran it, and with -s nothing', async () => {
    const id = await failed()
    expect(explanation(await crossing.run(['wait', '-q', id]))).toMatchObject({
      failed: `GET ${crossing.origin.url('/missing')}`,
      why: 'The server answered 404 Not Found',
      code: 'HTTP_STATUS',
      next: 'Check the address.'
    })
    expect(await crossing.run(['wait', '-s', id])).toMatchObject({code: 22, stdout: '', stderr: ''})
  })

  it('says the same reason of many once, and of an upload where it was to go', async () => {
    crossing.write('up', 'content')
    const [first, second] = [await failed(), await failed()]
    const url = crossing.origin.url('/nowhere')
    const upload = await crossing.submit(['upload', '--background', '--label', 'one', 'up', url])
    const {code, stderr} = await crossing.run(['wait', first, second, upload])
    expect(code, stderr).toBe(22)
    expect(stderr.match(/^ferry: Failed: GET /gm)).toHaveLength(2)
    expect(stderr.match(/^Why: /gm)).toHaveLength(1)
    expect(stderr).toContain(`ferry: Failed: up to ${url}: The server answered 404 Not Found (HTTP_STATUS)\n`)
  })

  it('tells of a paused task how it goes on, but says nothing of it with -q', async () => {
    crossing.origin.serve('/F', {body: 'content'})
    const later = ['get', '--background', '--start-at', '1h', '-o', 'F', crossing.origin.url('/F')]
    const id = await crossing.submit(later)
    await crossing.run(['pause', id])
    expect(await crossing.run(['wait', id])).toMatchObject({
      code: 114,
      stderr: `paused F: continue with ferry resume ${id}\n`
    })
    expect(await crossing.run(['wait', '-q', id])).toMatchObject({code: 114, stderr: ''})
    await crossing.run(['cancel', id])
  })
})

describe('tasks', () => {
  it('says what has failed in the background, which nobody has seen, with and without the daemon', async () => {
    const id = await failed()
    const news =
      'There are no tasks.\nFailed in the background, within a day:\n' +
      `  ${id}  missing: The server answered 404 Not Found (HTTP_STATUS)\n`
    expect(await crossing.run(['tasks'])).toMatchObject({code: 0, stdout: news})
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.run(['tasks'])).toMatchObject({code: 0, stdout: news})
    expect(await crossing.run(['tasks', '--session', 'shared'])).toMatchObject({
      stdout: 'There are no tasks.\n'
    })
    expect(documentOf(await crossing.run(['tasks', '--json']))).toMatchObject({tasks: []})
  })

  it('lists what has ended by its id, or with --all, and the reason where it has failed', async () => {
    const id = await failed()
    for (const which of [id, '--all']) {
      const {stdout} = await crossing.run(['tasks', which])
      expect(stdout).toMatch(new RegExp(`^${id} +failed`, 'm'))
      expect(stdout.match(/The server answered 404/g)).toHaveLength(1)
    }
  })
})
