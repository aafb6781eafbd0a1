import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {eventsOf} from './said.ts'

it.each([
  ['store', 1],
  ['memory', 2],
  ['deny', 2]
])(
  '--on-cache %s decides whether the server is asked again by the next command: %i requests [3D 108, R48]',
  async (decision, requests) => {
    await using origin = await startOrigin()
    origin.on('/F', respond(200, {'cache-control': 'max-age=600'}, 'content'))
    const asked = join(scratchFolder(), 'asked')
    const hook = `sh -c 'cat >"$1"; echo "{\\"decision\\":\\"$2\\"}"' hook '${asked}' ${decision}`
    const options = {env: {FERRY_HOME: scratchFolder()}}
    const words = ['get', '--events', '-o', '-', '--on-cache', hook, origin.url('/F')]
    const runs = [await runFerry(words, options), await runFerry(words, options)]
    expect(runs.map(({code}) => code)).toEqual([0, 0])
    expect(origin.requests).toHaveLength(requests)
    const told = eventsOf(runs[0] ?? {stdout: ''}).find(({event}) => event === 'cache.willStore')
    expect(told).toMatchObject({url: origin.url('/F'), decision})
    expect(JSON.parse(readFileSync(asked, 'utf8'))).toMatchObject({
      ...{v: 1, event: 'cache.willStore', url: origin.url('/F'), status: 200, size: 7},
      headers: {'cache-control': 'max-age=600'}
    })
  }
)
