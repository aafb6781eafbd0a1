import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {canariesIn, canary} from '../canary/canary.ts'
import {until} from '../cli-run/daemon.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {filesIn} from './files-in.ts'

/** What anybody may come to see: of the process, what it logs, what commands print. */
async function seenOf({daemon, run}: BackgroundCrossing): Promise<string> {
  const {pid} = await daemon.status()
  const outsides = ['environ', 'cmdline', 'comm'].map(name => readFileSync(`/proc/${pid}/${name}`, 'latin1'))
  const lists = [
    ['tasks', '--all', '--json'],
    ['sessions', '--json'],
    ['sessions', 'show', 'background', '--json']
  ]
  const said = await Promise.all(lists.map(words => run(words, {reveals: 'content'})))
  return [...outsides, daemon.log(), ...said.map(({stdout, stderr}) => stdout + stderr)].join('\n')
}

function filesOf({path}: BackgroundCrossing): string {
  const folders = ['state', 'run', 'config', 'cache'].map(path)
  return folders.flatMap(folder => filesIn(folder).map(({content}) => content)).join('\n')
}

describe.runIf(process.platform === 'linux')('A secret of a background transfer', () => {
  it.each<[string, (secret: string, crossing: BackgroundCrossing) => readonly string[]]>([
    ['user information', secret => ['-u', `user:${secret}`]],
    ['a header', secret => ['-H', `X-Api-Key: ${secret}`]],
    ['an authorization', secret => ['-H', `Authorization: Bearer ${secret}`]],
    ['a token', secret => ['--oauth2-bearer', secret]],
    ['a cookie', secret => ['-b', `id=${secret}`]],
    [
      'a netrc file',
      (secret, {write, path}) => {
        write('netrc', `machine 127.0.0.1 login ana password ${secret}\n`)
        return ['--netrc-file', path('netrc')]
      }
    ],
    ['the command for its end', secret => ['--on-complete', `true ${secret}`]]
  ])(
    'from %s is in the journal while it runs, in nothing else, and nowhere afterwards',
    async (_what, wordsOf) => {
      const crossing = await backgroundCrossing()
      const secret = canary('handed', crossing.origin)
      const held = heldResource('content', 3)
      crossing.origin.serve('/H', held)
      const words = [
        'get',
        '--background',
        '-o',
        'H',
        ...wordsOf(secret, crossing),
        crossing.origin.url('/H')
      ]
      const id = await crossing.submit(words)
      expect(canariesIn(await seenOf(crossing))).toEqual([])
      expect(canariesIn(filesOf(crossing))).toEqual([secret])
      held.letGo()
      expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
      await until(() => canariesIn(filesOf(crossing)).length === 0)
      expect(canariesIn(await seenOf(crossing))).toEqual([])
    }
  )

  it.each(['failed', 'cancelled', 'paused'])('goes with a task that is %s', async state => {
    const crossing = await backgroundCrossing()
    const secret = canary('handed', crossing.origin)
    if (state === 'failed') crossing.origin.on('/H', (_request, reply) => reply.respond(404, {}, 'none'))
    else crossing.origin.serve('/H', heldResource('content'.repeat(100_000), 300_000))
    // Resume data has the link as it is: without it there is nothing to resume.
    const query = state === 'paused' ? '' : `?token=${secret}`
    const address = crossing.origin.url(`/H${query}`).replace('//', `//user:${secret}@`)
    const id = await crossing.submit(['get', '--background', '-o', 'H', '-H', `X-Key: ${secret}`, address])
    if (state !== 'failed') await crossing.run([state === 'paused' ? 'pause' : 'cancel', id])
    await until(async () => (await crossing.task(id))?.state === state)
    await until(() => canariesIn(filesOf(crossing)).length === 0)
    expect(canariesIn(await seenOf(crossing))).toEqual([])
  })
})
