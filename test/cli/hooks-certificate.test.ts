import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'
import {ScriptedHook} from './scripted-hook.ts'

const {cert, key, certPath, keyPath} = certificates.client
const use = (files: object): object => ({decision: 'useCredential', ...files})
let origin: Origin
let cwd: string

beforeAll(async () => {
  origin = await startOrigin({tls: 'good', clientCertificate: 'demanded'})
  origin.serve('/F', {body: 'for members'})
})
afterAll(() => origin.close())
beforeEach(() => {
  cwd = scratchFolder()
  writeFileSync(join(cwd, 'me.pem'), cert)
  writeFileSync(join(cwd, 'both.pem'), key + cert)
  writeFileSync(join(cwd, 'key.pem'), key)
  writeFileSync(join(cwd, 'me.p12'), readFileSync(certPath.replace(/pem$/, 'p12')))
})

const get = ['get', '-q', '-o', '-', '--retry', '0', '--cacert', certificates.authorityPath]

function print(...flags: readonly string[]): Promise<Run> {
  return runFerry([...get, ...flags, origin.url('/F')], {cwd})
}

describe('--on-challenge, where a server wants a client certificate', () => {
  it.each([
    ['certificate and key', {cert: 'me.pem', key: 'key.pem'}],
    ['one file with both', {cert: 'both.pem'}],
    ['PKCS#12 and its passphrase', {cert: 'me.p12', passphrase: 'open sesame'}]
  ])('names files of the working folder: %s [R33]', async (_what, files) => {
    const hook = new ScriptedHook(use(files))
    const run = await print('--on-challenge', hook.command)
    expect(run, run.stderr).toMatchObject({code: 0, stdout: 'for members'})
    expect(hook.asked).toMatchObject([
      {
        ...{event: 'task.challenge', scope: 'session', method: 'ClientCertificate', realm: null},
        ...{host: '127.0.0.1', port: origin.port, protocol: 'https', isProxy: false},
        ...{previousFailureCount: 0, error: {code: 'CLIENT_CERTIFICATE'}}
      }
    ])
  })

  it.each([
    ['performDefaultHandling', 58],
    ['rejectProtectionSpace', 58],
    ['cancel', 115]
  ])('may answer %s [R33]', async (decision, code) => {
    const before = origin.requests.length
    expect(await print('--on-challenge', new ScriptedHook({decision}).command)).toMatchObject({
      code,
      stdout: ''
    })
    expect(origin.requests).toHaveLength(before)
  })

  it.each([
    ['is not there', {cert: 'none.pem'}, /none\.pem of the "cert" of --on-challenge cannot be read/],
    ['is none', {cert: 'key.pem'}, /holds no certificate/],
    ['has no key', {cert: 'me.pem'}, /holds no private key, and the "key" of --on-challenge names none/],
    ['has the key of another', {cert: 'me.pem', key: certificates.good.keyPath}, /does not belong/],
    ['is PKCS#12 with a key beside it', {cert: 'me.p12', key: 'key.pem'}, /has no place/],
    ['is locked', {cert: 'me.p12'}, /passphrase/]
  ])('ends the transfer with 58 when the file %s', async (_what, files, message) => {
    const hook = new ScriptedHook(use(files))
    const run = await print('--on-challenge', hook.command)
    expect(run.code).toBe(58)
    expect(explanation(run).why).toMatch(message)
    expect(hook.asked).toHaveLength(1)
  })

  it('refuses the transfer when it names no file, and repeats nothing of what it printed', async () => {
    const passphrase = canary('identity')
    const run = await print('--on-challenge', new ScriptedHook(use({passphrase})).command)
    expect(run).toMatchObject({code: 113, stdout: ''})
    expect(run.stderr).toContain('"cert":"...","key":"...","passphrase":"..."')
    expect(run.stderr).not.toContain(passphrase)
  })

  it("is not asked where the session's profile has a hook, which is [R33]", async () => {
    const env = {FERRY_HOME: scratchFolder()}
    const kept = new ScriptedHook(use({cert: certPath, key: keyPath}))
    const own = new ScriptedHook({decision: 'cancel'})
    const made = await runFerry(['sessions', 'create', 'work', '--on-challenge', kept.command], {env})
    expect(made, made.stderr).toMatchObject({code: 0})
    const words = [...get, '--session', 'work', '--on-challenge', own.command, origin.url('/F')]
    expect(await runFerry(words, {env})).toMatchObject({code: 0, stdout: 'for members'})
    expect(kept.asked).toHaveLength(1)
    expect(own.asked).toEqual([])
  })
})
