import {describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basicGuard} from '../engine/authentication/guards.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

describe('credentials that a session keeps for good', () => {
  it('are used in the next run, until the session is reset; a failed one is forgotten', async () => {
    await using origin = await startOrigin()
    const home = scratchFolder()
    const kept = {user: 'ana', password: canary('kept', origin)}
    origin.on('/kept', basicGuard(kept))
    const env = {FERRY_HOME: home, PAIR: `ana:${kept.password}`}
    for (const words of [
      ['create', 'work'],
      ['set', 'work', 'credentials.persistence=permanent']
    ])
      expect(await runFerry(['sessions', ...words], {env})).toMatchObject({code: 0})
    const ask = (...words: readonly string[]) =>
      runFerry(['get', '-o', '-', '--session', 'work', ...words, origin.url('/kept')], {env})
    expect(await ask()).toMatchObject({code: 22})
    const first = await ask('--anyauth', '-u', 'env:PAIR')
    expect(first, first.stderr).toMatchObject({code: 0})
    expect(first.stderr.match(/credentials\.sqlite/g)).toHaveLength(1)
    const second = await ask()
    expect(second, second.stderr).toMatchObject({code: 0, stderr: expect.not.stringContaining('sqlite')})
    expect(await runFerry(['sessions', 'reset', 'work'], {env})).toMatchObject({code: 0})
    expect(await ask()).toMatchObject({code: 22})
    await ask('--anyauth', '-u', 'env:PAIR')
    origin.on('/kept', basicGuard({user: 'ana', password: 'rotated'}))
    expect(await ask()).toMatchObject({code: 22})
    const before = origin.requests.length
    expect(await ask()).toMatchObject({code: 22})
    expect(origin.requests.slice(before).map(({headers}) => headers.has('authorization'))).toEqual([false])
  })
})
