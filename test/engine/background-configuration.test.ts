import {describe, expect, it} from 'vitest'
import {SessionConfiguration} from '../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../src/engine/index.ts'

function refusal(key: string): unknown {
  return expect.objectContaining({
    code: 'CONFIGURATION_REFUSED',
    message: expect.stringContaining(`The configuration key ${key} `)
  })
}

const {background} = SessionConfiguration

describe('The identifier of a background session', () => {
  it.each(['ci', 'a.b-c_D', '0', 'x'.repeat(64)])('is kept as it was given: %s [B1, P1]', identifier => {
    expect(background(identifier)).toMatchObject({kind: 'background', keys: {identifier}})
  })

  it.each(['', ' ', '.ci', '-ci', 'c i', 'c/i', '../ci', 'ü', 'ci\n', 'x'.repeat(65), '__proto__'])(
    'has a form that is safe in names of files, and is never empty: %j [B1]',
    identifier => {
      expect(() => background(identifier)).toThrow(refusal('identifier'))
    }
  )

  it('names the session for good: its configuration can be changed, but is never that of another [B1]', () => {
    const one = background('one')
    expect(one.with({timeouts: {idle: 5}}).keys).toMatchObject({identifier: 'one', timeouts: {idle: 5}})
    expect(() => one.with({identifier: 'two'})).toThrow(refusal('identifier'))
    expect(() => background('two', one.keys)).toThrow(refusal('identifier'))
  })

  it('is for background sessions only [P1]', () => {
    for (const kind of ['default', 'ephemeral'] as const)
      expect(() => SessionConfiguration[kind]({identifier: 'one'})).toThrow(refusal('identifier'))
  })
})

describe('The keys of a background session', () => {
  it('make the same session again, also when they were written down as JSON [B16]', () => {
    const {keys} = background('one', {
      limits: {rate: 5},
      discretionary: {window: '22:00-06:00'},
      hosts: {'files.test': {timeouts: {idle: 1}}}
    })
    expect(background('one', keys).keys).toEqual(keys)
    expect(background('one', JSON.parse(JSON.stringify(keys)) as ConfigurationChanges).keys).toEqual(keys)
  })

  it.each(['01:00-06:00', '22:30-05:59', '00:00-00:00'])('may have hours of the day: %s [P8]', window => {
    expect(background('one', {discretionary: {window}}).keys.discretionary).toEqual({window})
  })

  it.each(['', '1:00-6:00', '01:00', '01:00-24:00', '01:60-02:00', '01:00 - 06:00', 'night'])(
    'have no other hours: %j [P8]',
    window => {
      expect(() => background('one', {discretionary: {window}})).toThrow(refusal('discretionary.window'))
    }
  )

  it('alone have hours: every other session starts at once [P8]', () => {
    for (const kind of ['default', 'ephemeral'] as const)
      expect(() => SessionConfiguration[kind]({discretionary: {window: '01:00-06:00'}})).toThrow(
        refusal('discretionary.window')
      )
  })

  it('say that it waits for connectivity, follows redirections and has no cache [B5, B6, B7]', () => {
    expect(background('one').keys).toMatchObject({
      waitsForConnectivity: true,
      redirects: {follow: true, max: 20},
      cache: {policy: 'protocol', store: false, memoryBytes: 0, diskBytes: 0}
    })
  })

  it.each([
    ['waitsForConnectivity', {waitsForConnectivity: false}],
    ['redirects.follow', {redirects: {follow: false}}],
    ['redirects.max', {redirects: {max: 0}}],
    ['redirects.follow', {hosts: {'files.test': {redirects: {follow: false}}}}],
    ['cache.policy', {cache: {policy: 'cacheElseLoad'}}],
    ['cache.store', {cache: {store: true}}],
    ['cache.memoryBytes', {cache: {memoryBytes: 1}}],
    ['cache.diskBytes', {cache: {diskBytes: 1}}]
  ] as const)('cannot say otherwise: %s [B5, B6, B7]', (key, changes) => {
    expect(() => background('one', changes)).toThrow(refusal(key))
    expect(() => background('one').with(changes)).toThrow(refusal(key))
  })
})
