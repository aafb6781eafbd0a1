import {describe, expect, it} from 'vitest'
import {startOrigin} from '../origin/origin.ts'
import {backgroundCrossing} from './background-crossing.ts'
import {Crossing} from './crossing.ts'
import {documentOf} from './said.ts'

describe('a transfer with a word of the user', () => {
  it('is listed under it, also when it was resumed; one without has none', async () => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'content'})
    const crossing = new Crossing()
    const words = ['get', '--suspended', origin.url('/F')]
    await crossing.run([...words, '--label', 'the nightly build', '-o', 'F'])
    await crossing.run([...words, '-o', 'G'])
    expect(await crossing.tasks()).toMatchObject([
      {label: 'the nightly build'},
      expect.not.objectContaining({label: expect.anything()})
    ])
    const {stdout} = await crossing.run(['tasks'])
    expect(stdout).toContain('  the nightly build  ')
    expect(stdout).toContain('  G  ')
    const resumed = documentOf(await crossing.run(['resume', '--json', 'F.ferry']))
    expect(resumed).toMatchObject({ok: true, tasks: [{label: 'the nightly build', path: crossing.path('F')}]})
  })

  it('is listed under it in the background too, before and after its end', async () => {
    const crossing = await backgroundCrossing()
    crossing.origin.serve('/F', {body: 'content'})
    const url = crossing.origin.url('/F')
    const later = await crossing.submit([
      'get',
      '--background',
      '--start-at',
      '1h',
      '--label',
      'later',
      '-o',
      'L',
      url
    ])
    const now = await crossing.submit(['get', '--background', '--label', 'now', '-o', 'N', url])
    await crossing.run(['wait', now])
    expect(await crossing.task(later)).toMatchObject({state: 'waiting', label: 'later'})
    expect(await crossing.task(now)).toMatchObject({state: 'completed', label: 'now'})
    const {stdout} = await crossing.run(['tasks', '--all'])
    for (const label of ['later', 'now']) expect(stdout).toMatch(new RegExp(`  ${label}(?:  |$)`, 'm'))
  })
})
