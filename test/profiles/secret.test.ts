import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, it, vi} from 'vitest'
import {readKeyValue} from '../../src/cli/key-value.ts'
import {secretReader} from '../../src/cli/secret-reference.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {canary} from '../canary/canary.ts'

const literalSecret = canary('literal')
const literalSecret2 = canary('literal')
const literalSecret3 = canary('literal')
const literalSecret4 = canary('literal')
const variableSecret = canary('variable')
const fileSecret = canary('file')
const fileSecret2 = canary('file')
const fileSecret3 = canary('file')

afterEach(() => vi.unstubAllEnvs())

describe('A secret', () => {
  it.each([
    'credentials.password',
    'credentials.bearer',
    'proxy.password',
    'tls.passphrase',
    'headers.Authorization',
    'headers.Cookie',
    'headers.X-Api-Key',
    'headers.X-Auth-Token',
    'headers.X-Client-Secret',
    'headers.X-Signature',
    'hosts.example.com.credentials.bearer'
  ])('is refused itself, and taken as a reference: %s', key => {
    expect(() => readKeyValue(`${key}=${literalSecret}`)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_REFUSED',
        message: expect.not.stringContaining('canary'),
        hint: expect.stringContaining('env:NAME, @FILE, keychain:NAME, or - to be asked')
      })
    )
    for (const reference of ['env:TOKEN', '@/run/secrets/token', 'keychain:artifacts', '-']) {
      expect(readKeyValue(`${key}=${reference}`).value).toBe(reference)
    }
  })

  it.each(['env:', 'env:A B', 'env:1X', '@', 'keychain:', 'file:/x'])(
    'is no reference when nothing can be found by it: %s',
    text => {
      expect(() => readKeyValue(`credentials.password=${text}`)).toThrow(
        expect.objectContaining({code: 'CONFIGURATION_REFUSED'})
      )
    }
  )

  it('may stand behind a word in a header that carries one, and nowhere else', () => {
    expect(readKeyValue('headers.Authorization=Bearer env:TOKEN').value).toBe('Bearer env:TOKEN')
    expect(() => readKeyValue(`headers.Authorization=Bearer ${literalSecret2}`)).toThrow()
    expect(readKeyValue('headers.X-Team=Mail env:TOKEN').value).toBe('Mail env:TOKEN')
  })

  it('of a name and a password is refused in the place of the name; a name alone is none', () => {
    expect(readKeyValue('credentials.user=ana').value).toBe('ana')
    expect(readKeyValue('credentials.user=env:PAIR').value).toBe('env:PAIR')
    expect(() => readKeyValue(`credentials.user=ana:${literalSecret3}`)).toThrow(
      expect.objectContaining({message: expect.not.stringContaining('canary')})
    )
  })

  it.each([`http://ana:${literalSecret4}@127.0.0.1:3128`, 'http://ana@127.0.0.1:3128'])(
    'is not hidden in the address of a proxy: %s',
    address => {
      expect(() => readKeyValue(`proxy.url=${address}`)).toThrow(
        expect.objectContaining({
          message: expect.not.stringContaining('canary'),
          hint: expect.stringContaining('proxy.password')
        })
      )
    }
  )
})

describe('A reference', () => {
  it('to a variable is its value; one that is not set or empty is named, with the session', async () => {
    vi.stubEnv('FERRY_TEST_TOKEN', variableSecret)
    vi.stubEnv('FERRY_TEST_EMPTY', '')
    const read = secretReader('ci')
    expect(await read('credentials.bearer', 'env:FERRY_TEST_TOKEN')).toBe(variableSecret)
    for (const [name, state] of [
      ['FERRY_TEST_NONE', 'is not set'],
      ['FERRY_TEST_EMPTY', 'is empty']
    ]) {
      await expect(read('credentials.bearer', `env:${name}`)).rejects.toMatchObject({
        code: 'USAGE',
        message: `The environment variable ${name} ${state}; the session ci needs it for credentials.bearer`
      })
    }
  })

  it('to a file is its first line; a file that is not there or empty is named', async () => {
    const file = join(scratchFolder(), 'token')
    const read = secretReader('ci')
    writeFileSync(file, `${fileSecret}\r\nsecond line\n`)
    expect(await read('credentials.bearer', `@${file}`)).toBe(fileSecret)
    await expect(read('credentials.bearer', `@${file}.none`)).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining(`${file}.none, which the session ci needs for credentials.bearer`)
    })
    writeFileSync(`${file}.empty`, '\nsecond line\n')
    await expect(read('credentials.bearer', `@${file}.empty`)).rejects.toMatchObject({code: 'USAGE'})
  })

  it('is followed once a run, however many keys have it', async () => {
    const file = join(scratchFolder(), 'token')
    const read = secretReader('ci')
    writeFileSync(file, `${fileSecret2}\n`)
    expect(await read('credentials.bearer', `@${file}`)).toBe(fileSecret2)
    writeFileSync(file, `${fileSecret3}\n`)
    expect(await read('hosts.a.test.credentials.bearer', `@${file}`)).toBe(fileSecret2)
    expect(await secretReader('ci')('credentials.bearer', `@${file}`)).toBe(fileSecret3)
  })

  it('to a keychain that is not there says so, and what else to give', async () => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nonexistent')
    await expect(secretReader('ci')('credentials.password', 'keychain:artifacts')).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('the session ci needs it for credentials.password'),
      hint: expect.stringContaining('env:NAME or @FILE')
    })
  })

  it('to the person is refused where there is no terminal to ask on', async () => {
    await expect(secretReader('ci')('credentials.password', '-')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('credentials.password of the session ci')
    })
  })
})
