import {chmodSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration, TransferError} from '../../../src/engine/index.ts'
import type {Credential, ProtectionSpace} from '../../../src/engine/index.ts'
import {Credentials} from '../../../src/engine/storage/credentials.ts'
import type {Keychain} from '../../../src/engine/storage/keychain.ts'
import {canary} from '../../canary/canary.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const space: ProtectionSpace = {
  protocol: 'https',
  host: 'files.test',
  port: 443,
  realm: 'A',
  method: 'Basic',
  isProxy: false
}
const password = canary('kept')
const ana: Credential = {kind: 'password', user: 'ana', password}
const bob: Credential = {kind: 'password', user: 'bob', password}

class MemoryKeychain implements Keychain {
  readonly secrets = new Map<string, string>()

  async get(account: string): Promise<string | undefined> {
    return this.secrets.get(account)
  }

  async set(account: string, secret: string): Promise<void> {
    this.secrets.set(account, secret)
  }

  async remove(account: string): Promise<void> {
    this.secrets.delete(account)
  }
}

interface Opening {
  readonly persistence?: 'none' | 'session' | 'permanent'
  readonly folder?: string
  readonly name?: string
  readonly keychain?: Keychain
}

function open({persistence = 'session', folder, name = 'shared', keychain}: Opening = {}) {
  const reports: TransferError[] = []
  const credentials = new Credentials({
    configuration: SessionConfiguration.default({credentials: {persistence}}),
    name,
    folder,
    report: error => void reports.push(error),
    keychain: async () => keychain
  })
  onTestFinished(() => credentials.close())
  return {credentials, reports}
}

describe('a store of credentials [3B 89]', () => {
  it('begins empty', async () => {
    const {credentials} = open({folder: scratchFolder(), persistence: 'permanent'})
    expect(await credentials.credentialFor(space)).toBeUndefined()
    expect(await credentials.spaces()).toEqual([])
  })

  it.each<readonly [string, Partial<ProtectionSpace>]>([
    ['another host', {host: 'www.files.test'}],
    ['another port', {port: 8443}],
    ['another scheme', {protocol: 'http'}],
    ['another realm', {realm: 'B'}],
    ['no realm', {realm: undefined}],
    ['another method', {method: 'Digest'}],
    ['a proxy of that name', {isProxy: true}]
  ])('shows a credential to its own space only, not to %s', async (_what, difference) => {
    for (const persistence of ['session', 'permanent'] as const) {
      const folder = scratchFolder()
      const {credentials} = open({folder, persistence})
      await credentials.keep(space, ana)
      expect(await credentials.credentialFor(space)).toEqual(ana)
      expect(await credentials.credentialFor({...space, ...difference})).toBeUndefined()
      const later = open({folder, persistence: 'permanent'}).credentials
      expect(await later.credentialFor({...space, ...difference})).toBeUndefined()
    }
  })

  it('replaces the credential of a space, and forgets one that is removed', async () => {
    const folder = scratchFolder()
    const {credentials} = open({folder, persistence: 'permanent'})
    await credentials.keep(space, ana)
    await credentials.keep(space, bob)
    expect(await credentials.credentialFor(space)).toEqual(bob)
    await credentials.remove(space)
    expect(await credentials.credentialFor(space)).toBeUndefined()
    expect(await open({folder, persistence: 'permanent'}).credentials.credentialFor(space)).toBeUndefined()
  })

  it('keeps nothing where nothing is to be kept', async () => {
    const {credentials} = open({persistence: 'none', folder: scratchFolder()})
    await credentials.keep(space, ana)
    expect(await credentials.credentialFor(space)).toBeUndefined()
    expect(await credentials.spaces()).toEqual([])
  })

  it('names the spaces it has something for, and no secret', async () => {
    const folder = scratchFolder()
    const {credentials} = open({folder, persistence: 'permanent'})
    await credentials.keep(space, ana)
    await credentials.keep({...space, realm: undefined}, {kind: 'bearer', token: password})
    const later = open({folder, persistence: 'permanent'}).credentials
    const spaces = await later.spaces()
    expect(spaces).toHaveLength(2)
    expect(spaces).toContainEqual(space)
    expect(JSON.stringify(spaces)).not.toContain('canary')
    expect(await later.credentialFor({...space, realm: undefined})).toEqual({kind: 'bearer', token: password})
  })
})

describe('where credentials are kept [P19]', () => {
  it.each(['none', 'session'] as const)('%s: nothing on disk', async persistence => {
    const folder = scratchFolder()
    await open({folder, persistence}).credentials.keep(space, ana)
    expect(readdirSync(folder)).toEqual([])
    expect(await open({folder, persistence}).credentials.credentialFor(space)).toBeUndefined()
  })

  it.each(['none', 'session'] as const)(
    '%s: nor is what was kept before looked for there',
    async persistence => {
      const folder = scratchFolder()
      await open({folder, persistence: 'permanent'}).credentials.keep(space, ana)
      expect(await open({folder, persistence}).credentials.credentialFor(space)).toBeUndefined()
    }
  )

  it('permanent: in a file for this user alone where there is no keychain, and that is said once', async () => {
    const folder = scratchFolder()
    const {credentials, reports} = open({folder, persistence: 'permanent'})
    await credentials.keep(space, ana)
    await credentials.keep(space, ana)
    expect(reports.map(({message}) => message)).toEqual([expect.stringContaining('credentials.sqlite')])
    expect(reports[0]?.message).not.toContain('canary')
    expect(statSync(join(folder, 'credentials.sqlite')).mode & 0o777).toBe(0o600)
    const later = open({folder, persistence: 'permanent'})
    expect(await later.credentials.credentialFor(space)).toEqual(ana)
    await later.credentials.keep(space, ana)
    expect(later.reports).toEqual([])
  })

  it('permanent: in the keychain where there is one; the file has only the spaces', async () => {
    const [folder, keychain] = [scratchFolder(), new MemoryKeychain()]
    const {credentials, reports} = open({folder, persistence: 'permanent', keychain})
    await credentials.keep(space, ana)
    await credentials.flush()
    expect([...keychain.secrets.values()].join()).toContain(password)
    expect(readFileSync(join(folder, 'credentials.sqlite')).includes(password)).toBe(false)
    expect(reports).toEqual([])
    const later = open({folder, persistence: 'permanent', keychain}).credentials
    expect(await later.credentialFor(space)).toEqual(ana)
    await later.remove(space)
    expect(keychain.secrets.size).toBe(0)
  })

  it('permanent: in the file where the keychain refuses', async () => {
    const folder = scratchFolder()
    const keychain = new MemoryKeychain()
    keychain.set = async () => Promise.reject(new Error('AccessDenied'))
    const {credentials, reports} = open({folder, persistence: 'permanent', keychain})
    await credentials.keep(space, ana)
    expect(reports).toHaveLength(1)
    expect(await open({folder, persistence: 'permanent'}).credentials.credentialFor(space)).toEqual(ana)
  })

  it('for one session: another one finds nothing', async () => {
    const folder = scratchFolder()
    await open({folder, persistence: 'permanent', name: 'one'}).credentials.keep(space, ana)
    const other = open({folder, persistence: 'permanent', name: 'other'}).credentials
    expect(await other.credentialFor(space)).toBeUndefined()
    await other.reset()
    expect(
      await open({folder, persistence: 'permanent', name: 'one'}).credentials.credentialFor(space)
    ).toEqual(ana)
  })

  it('is emptied by a reset, in memory, in the file and in the keychain [R62]', async () => {
    for (const keychain of [undefined, new MemoryKeychain()]) {
      const folder = scratchFolder()
      const opening = {folder, persistence: 'permanent', ...(keychain ? {keychain} : {})} as const
      const {credentials} = open(opening)
      await credentials.keep(space, ana)
      await credentials.reset()
      await credentials.flush()
      expect(await credentials.credentialFor(space)).toBeUndefined()
      expect(keychain?.secrets.size ?? 0).toBe(0)
      expect(await open(opening).credentials.spaces()).toEqual([])
      expect(readFileSync(join(folder, 'credentials.sqlite')).includes('canary')).toBe(false)
    }
  })

  it('is not looked into when it is open to others: that is said, and the transfer goes on', async () => {
    const folder = scratchFolder()
    await open({folder, persistence: 'permanent'}).credentials.keep(space, ana)
    chmodSync(join(folder, 'credentials.sqlite'), 0o640)
    const {credentials, reports} = open({folder, persistence: 'permanent'})
    expect(await credentials.credentialFor(space)).toBeUndefined()
    expect(reports.map(({code}) => code)).toEqual(['REFUSED'])
    await credentials.keep(space, bob)
    expect(await credentials.credentialFor(space)).toEqual(bob)
  })
})
