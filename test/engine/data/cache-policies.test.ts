import {describe, expect, it} from 'vitest'
import {chooseUse} from '../../../src/engine/data/open-content.ts'
import type {CachePolicy} from '../../../src/engine/index.ts'
import {cacheScene} from './cache-scene.ts'

const controls = {
  public: 'public',
  private: 'private',
  'max-age that lasts': 'max-age=3600',
  'max-age that is over': 'max-age=0',
  'no-cache': 'no-cache',
  'no-store': 'no-store'
} as const

type Control = keyof typeof controls

// What a second request gets: the text of the first, of a second request to the server, or nothing at all.
const matrix: readonly (readonly [CachePolicy, Control, '1' | '2' | 'refused'])[] = [
  ['protocol', 'public', '2'],
  ['protocol', 'private', '2'],
  ['protocol', 'max-age that lasts', '1'],
  ['protocol', 'max-age that is over', '2'],
  ['protocol', 'no-cache', '2'],
  ['protocol', 'no-store', '2'],
  ...Object.keys(controls).map(control => ['reload', control as Control, '2'] as const),
  ...Object.keys(controls).map(control => ['revalidate', control as Control, '2'] as const),
  ['cacheElseLoad', 'public', '1'],
  ['cacheElseLoad', 'private', '1'],
  ['cacheElseLoad', 'max-age that lasts', '1'],
  ['cacheElseLoad', 'max-age that is over', '1'],
  ['cacheElseLoad', 'no-cache', '1'],
  ['cacheElseLoad', 'no-store', '2'],
  ['cacheOnly', 'public', '1'],
  ['cacheOnly', 'private', '1'],
  ['cacheOnly', 'max-age that lasts', '1'],
  ['cacheOnly', 'max-age that is over', '1'],
  ['cacheOnly', 'no-cache', '1'],
  ['cacheOnly', 'no-store', 'refused']
]

describe('The policy of the cache', () => {
  it.each(matrix)('%s with an answer that says %s: %s [3D 107, P2]', async (policy, control, expected) => {
    const scene = await cacheScene()
    scene.serve('/', {'cache-control': controls[control]})
    expect(await scene.get('/')).toBe('1')
    const {outcome, body} = await scene.open({cache: {policy}}).get(scene.origin.url('/'))
    if (expected === 'refused') expect(outcome).toMatchObject({state: 'failed', error: {code: 'REFUSED'}})
    else expect(body.toString()).toBe(expected)
    expect(scene.origin.requests).toHaveLength(expected === '2' ? 2 : 1)
  })

  it('cacheOnly makes no connection where nothing is stored, and says which key forbids it [P2]', async () => {
    const scene = await cacheScene()
    const {outcome} = await scene.open({cache: {policy: 'cacheOnly'}}).get(scene.origin.url('/'))
    expect(outcome.error).toMatchObject({code: 'REFUSED', hint: expect.stringContaining('cache.policy')})
    expect(scene.origin.connections).toBe(0)
  })

  it('reload uses nothing and stores the newest, which the next one gets', async () => {
    const scene = await cacheScene()
    scene.serve('/', {'cache-control': 'max-age=3600'})
    await scene.get('/')
    expect(await scene.get('/', {cache: {policy: 'reload'}})).toBe('2')
    expect(await scene.get('/')).toBe('2')
  })

  it('may be another one for one host', async () => {
    const scene = await cacheScene()
    scene.serve('/', {'cache-control': 'max-age=3600'})
    await scene.get('/')
    expect(await scene.get('/', {hosts: {'127.0.0.1': {cache: {policy: 'reload'}}}})).toBe('2')
  })

  it.each([
    ['protocol', {isFresh: true, isConfirmable: true}, 'use'],
    ['protocol', {isFresh: false, isConfirmable: true}, 'confirm'],
    ['protocol', {isFresh: false, isConfirmable: false}, 'ask'],
    ['revalidate', {isFresh: true, isConfirmable: true}, 'confirm'],
    ['revalidate', {isFresh: true, isConfirmable: false}, 'ask'],
    ['reload', {isFresh: true, isConfirmable: true}, 'ask'],
    ['cacheElseLoad', {isFresh: false, isConfirmable: true}, 'use'],
    ['cacheOnly', {isFresh: false, isConfirmable: false}, 'use']
  ] as const)('%s decides about a stored answer that is %j: %s [P2]', (policy, standing, use) => {
    expect(chooseUse(policy, standing)).toBe(use)
  })
})
