import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../../src/engine/index.ts'
import {Stores} from '../../../src/engine/storage/stores.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {StateFolder, namesOf} from './cookie-scene.ts'

interface Memory {
  readonly folder?: string
  readonly name?: string
  readonly changes?: ConfigurationChanges
}

/** What one session remembers, without a network. */
function storesOf({folder, name = 'shared', changes = {}}: Memory = {}): Stores {
  const place = folder === undefined ? undefined : {folder, report: () => {}}
  const stores = new Stores({configuration: SessionConfiguration.default(changes), name, place})
  onTestFinished(() => stores.close())
  return stores
}

async function hear(stores: Stores, address: string, ...values: string[]): Promise<void> {
  const headers = values.map(value => ['strict-transport-security', value] as const)
  const url = new URL(address)
  await stores.transportSecurity.note({url, status: 200, statusText: '', headers, expectedContentLength: 0})
}

async function upgraded(stores: Stores, address: string): Promise<string> {
  return (await stores.transportSecurity.upgrade(new URL(address))).href
}

describe('a host that wants TLS', () => {
  it.each([
    ['http://h.example/a?b#c', 'https://h.example/a?b#c'],
    ['http://h.example:80/', 'https://h.example/'],
    ['http://h.example:8080/', 'https://h.example:8080/'],
    ['http://H.Example/', 'https://h.example/'],
    ['http://h.example./', 'https://h.example./'],
    ['http://h.example\u3002/', 'https://h.example./'],
    ['http://h\uFF0Eexample/', 'https://h.example/'],
    ['https://h.example:80/', 'https://h.example:80/'],
    ['http://sub.h.example/', 'http://sub.h.example/'],
    ['http://example/', 'http://example/'],
    ['http://otherh.example/', 'http://otherh.example/']
  ])('is asked by TLS, however it is written: %s [CVE 45]', async (address, expected) => {
    const stores = storesOf()
    await hear(stores, 'https://h.example/', 'max-age=60')
    expect(await upgraded(stores, address)).toBe(expected)
  })

  it.each([
    ['https://h.example./', 'http://h.example/'],
    ['https://B\u00FCcher.example/', 'http://xn--bcher-kva.example/'],
    ['https://xn--bcher-kva.example/', 'http://b\u00FCcher.example./']
  ])('is known by all spellings of its name: %s is %s [CVE 45]', async (said, asked) => {
    const stores = storesOf()
    await hear(stores, said, 'max-age=60')
    expect(await upgraded(stores, asked)).toMatch(/^https:/)
  })

  it('speaks for those below it only where it says so', async () => {
    const stores = storesOf()
    await hear(stores, 'https://h.example/', 'max-age=60; includeSubDomains')
    expect(await upgraded(stores, 'http://a.b.h.example./')).toBe('https://a.b.h.example./')
    expect(await upgraded(stores, 'http://oh.example/')).toBe('http://oh.example/')
  })

  it('is heard in its first header only, and takes it back with an age of 0', async () => {
    const stores = storesOf()
    await hear(stores, 'https://h.example/', 'max-age=60', 'max-age=0')
    expect(await upgraded(stores, 'http://h.example/')).toMatch(/^https:/)
    await hear(stores, 'https://h.example/', 'max-age=0')
    expect(await upgraded(stores, 'http://h.example/')).toMatch(/^http:/)
  })

  it.each([
    ['http://h.example/', {}],
    ['https://h.example/', {tls: {insecure: true}}],
    ['https://h.example/', {hosts: {'h.example': {tls: {insecure: true}}}}]
  ])('is not believed without a trusted certificate: %s with %j', async (address, changes) => {
    const stores = storesOf({changes})
    await hear(stores, address, 'max-age=60')
    expect(await upgraded(stores, 'http://h.example/')).toMatch(/^http:/)
  })

  it.each(['192.0.2.1', '[2001:db8::1]', 'localhost', 'a.localhost'])('is a name, and not %s', async host => {
    const stores = storesOf()
    await hear(stores, `https://${host}/`, 'max-age=60; includeSubDomains')
    expect(await upgraded(stores, `http://${host}/`)).toBe(`http://${host}/`)
  })
})

describe('what hosts want', () => {
  it('is known to the next process of the same session, until it is over or taken back', async () => {
    const folder = scratchFolder()
    const first = storesOf({folder})
    await hear(first, 'https://h.example/', 'max-age=60')
    await hear(first, 'https://gone.example/', 'max-age=1')
    await first.close()
    const second = storesOf({folder})
    expect(await upgraded(second, 'http://h.example/')).toMatch(/^https:/)
    expect(await upgraded(storesOf({folder, name: 'work'}), 'http://h.example/')).toMatch(/^http:/)
    await hear(second, 'https://h.example/', 'max-age=0')
    await second.close()
    expect(await upgraded(storesOf({folder}), 'http://h.example/')).toMatch(/^http:/)
  })

  it('leaves no file where nobody wanted anything', async () => {
    const folder = scratchFolder()
    const stores = storesOf({folder})
    await hear(stores, 'https://h.example/', 'max-age=0')
    await hear(stores, 'https://h.example/', 'nonsense')
    await upgraded(stores, 'http://h.example/')
    await stores.close()
    expect(existsSync(join(folder, 'stores.sqlite'))).toBe(false)
  })

  it('is forgotten by a reset, in memory and on disk [R62]', async () => {
    const folder = scratchFolder()
    const first = storesOf({folder})
    await hear(first, 'https://h.example/', 'max-age=60')
    await first.flush()
    await hear(first, 'https://other.example/', 'max-age=60')
    await first.reset()
    for (const stores of [first, storesOf({folder})]) {
      expect(await upgraded(stores, 'http://h.example/')).toMatch(/^http:/)
      expect(await upgraded(stores, 'http://other.example/')).toMatch(/^http:/)
    }
  })

  it('never expires later than it said', async () => {
    const folder = scratchFolder()
    const first = storesOf({folder})
    await hear(first, 'https://h.example/', 'max-age=31536000')
    await first.flush()
    await hear(first, 'https://h.example/', 'max-age=1')
    await first.close()
    await new Promise(resolve => setTimeout(resolve, 1100))
    expect(await upgraded(storesOf({folder}), 'http://h.example/')).toMatch(/^http:/)
  })
})

describe('over the network', () => {
  const host = 'elsewhere.invalid'

  async function strictOrigin(): Promise<Origin> {
    const origin = await startOrigin({tls: 'wrongName'})
    onTestFinished(() => origin.close())
    origin.on('*', respond(200, {'strict-transport-security': 'max-age=60'}, 'ok'))
    return origin
  }

  it('several addresses, one after the other and at once, all go by TLS [CVE 45]', async () => {
    const origin = await strictOrigin()
    const state = new StateFolder()
    const open = () => state.session({changes: namesOf(origin, [host, `${host}.`])})
    const recorded = open()
    const {outcome} = await recorded.get(`https://${host}:${origin.port}/first`)
    expect(outcome.state).toBe('completed')
    const addresses = [`http://${host}:${origin.port}/a`, `http://${host}:${origin.port}/b`]
    const received = await Promise.all(addresses.map(address => recorded.get(address)))
    await recorded.session.finishTasksAndInvalidate()
    received.push(await open().get(`http://${host}\u3002:${origin.port}/c`))
    expect(received.map(each => each.outcome.response?.url.protocol)).toEqual(['https:', 'https:', 'https:'])
    expect(received.map(({task}) => task.metrics?.redirectCount)).toEqual([0, 0, 0])
  })

  it('an insecure session learns nothing', async () => {
    const origin = await strictOrigin()
    const state = new StateFolder()
    const insecure = state.session({changes: {tls: {insecure: true}, ...namesOf(origin, [host])}})
    await insecure.get(`https://${host}:${origin.port}/first`)
    await insecure.session.finishTasksAndInvalidate()
    const {outcome} = await state
      .session({changes: namesOf(origin, [host])})
      .get(`http://${host}:${origin.port}/a`)
    expect(outcome.state).toBe('failed')
    expect(origin.requestsOf('/a')).toEqual([])
  })
})

it('what hosts say while the word of others is being written is kept, too', async () => {
  const folder = scratchFolder()
  const stores = storesOf({folder})
  await hear(stores, 'https://h.example/', 'max-age=9000')
  const flushed = stores.transportSecurity.flush()
  await hear(stores, 'https://i.example/', 'max-age=9000')
  await flushed
  await stores.flush()
  const found = storesOf({folder})
  expect(await upgraded(found, 'http://h.example/')).toBe('https://h.example/')
  expect(await upgraded(found, 'http://i.example/')).toBe('https://i.example/')
})
