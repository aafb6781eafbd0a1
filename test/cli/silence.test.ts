import {describe, expect, it} from 'vitest'
import {daemonHome} from '../cli-run/daemon.ts'
import {Crossing, serveHalf, serveHeld} from './crossing.ts'
import {startOrigin} from '../origin/origin.ts'

describe('-s', () => {
  it.each([
    ['tasks', ['tasks']],
    ['sessions', ['sessions']],
    ['sessions show', ['sessions', 'show', 'background']],
    ['daemon status', ['daemon', 'status']]
  ])('lets %s print nothing but the document of --json', async (_command, words) => {
    const {ferry} = daemonHome()
    expect(await ferry(...words)).toMatchObject({code: 0, stdout: expect.stringMatching(/^\S.*\n/)})
    expect(await ferry(...words, '-q')).toMatchObject({code: 0, stdout: expect.stringMatching(/^\S.*\n/)})
    expect(await ferry(...words, '-s')).toMatchObject({code: 0, stdout: '', stderr: ''})
    expect(await ferry(...words, '-sS')).toMatchObject({code: 0, stdout: '', stderr: ''})
    expect(JSON.parse((await ferry(...words, '-s', '--json')).stdout)).toBeTypeOf('object')
  })

  it('lets wait and pause print no paths', async () => {
    const origin = await startOrigin()
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/F')
    const one = crossing.start(['get', origin.url('/F')])
    await crossing.isUnderWay('F', one)
    const waiting = crossing.start(['wait', '-s', (await crossing.task()).id])
    release()
    expect(await waiting.done).toMatchObject({code: 0, stdout: '', stderr: ''})
    serveHalf(origin, '/G')
    const other = crossing.start(['get', origin.url('/G')])
    await crossing.isUnderWay('G', other)
    const paused = await crossing.run(['pause', '-s', '--all'])
    expect(paused).toMatchObject({code: 0, stdout: '', stderr: ''})
    expect(await other.done).toMatchObject({code: 114})
    await origin.close()
  })
})
