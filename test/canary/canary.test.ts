import {rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/index.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {HandMovedTask} from '../ui/task-double.ts'
import {canariesIn, canary, takeLeaks, watchProxyRequest, watchText} from './canary.ts'
import {watchFolder} from './watch-folder.ts'
import {watchedDelegate} from './watched-delegate.ts'

describe('A canary', () => {
  it('is found as it is, percent-encoded, and in a word of base64 wherever it begins', () => {
    const secret = canary('basic')
    expect(canariesIn(`x=${secret}&y`)).toEqual([secret])
    expect(canariesIn(secret.replaceAll('-', '%2D'))).toEqual([secret])
    for (const before of ['a:', 'ab:', 'abc:']) expect(canariesIn(btoa(before + secret))).toEqual([secret])
    expect(canariesIn('the canary sings')).toEqual([])
  })

  it('is noticed at a server that it was not for, and not at its own', async () => {
    await using own = await startOrigin()
    await using other = await startOrigin()
    const secret = canary('header', own)
    own.on('/', redirect(302, other.url('/')))
    own.serve('/F', {body: 'x'})
    other.serve('/', {body: 'y'})
    await runFerry(['get', '-o', '-', '-u', `ana:${secret}`, '-s', own.url('/F')])
    expect(takeLeaks()).toEqual([])
    await runFerry(['get', '-o', '-', '-u', `ana:${secret}`, '--location-trusted', '-s', own.url('/')])
    expect(takeLeaks()).toEqual([`${secret} was sent to port ${other.port}`])
  })

  it('is noticed at a proxy that it was not for, but where it passes on what is for the server behind it', () => {
    const [origin, proxy] = [{port: 1001}, {port: 1002}]
    const [one, other] = [canary('origin', origin), canary('proxy', proxy)]
    const fields = `Authorization: Bearer ${one}\r\nProxy-Authorization: Bearer ${other}\r\n\r\n`
    watchProxyRequest(`GET http://127.0.0.1:1001/ HTTP/1.1\r\n${fields}`, proxy)
    expect(takeLeaks()).toEqual([])
    watchProxyRequest(`CONNECT 127.0.0.1:1001 HTTP/1.1\r\n${fields}`, proxy)
    watchProxyRequest(`GET http://127.0.0.1:1003/ HTTP/1.1\r\n${fields}`, {port: 1003})
    expect(takeLeaks()).toEqual([
      `${one} was sent to the proxy at 1002`,
      `${one} was sent to the proxy at 1003`,
      `${other} was sent to the proxy at 1003`
    ])
  })

  it('is noticed in an error and in the measures of a task, and in what an engine leaves on disk', async () => {
    const secret = canary('everywhere')
    const {didCompleteWithError} = watchedDelegate({})
    const task = new HandMovedTask('t1', 'http://127.0.0.1/')
    didCompleteWithError?.(task, new TransferError('USAGE', `no ${secret}`))
    expect(takeLeaks()).toEqual([`${secret} is in an error`])
    const folder = scratchFolder()
    for (const name of ['F.ferry', 'F', 'netrc', 'stores.sqlite-wal'])
      writeFileSync(join(folder, name), secret)
    watchFolder(folder)
    rmSync(join(folder, 'F.ferry'))
    rmSync(join(folder, 'stores.sqlite-wal'))
    expect(takeLeaks().toSorted()).toEqual([`${secret} is in F.ferry`, `${secret} is in stores.sqlite-wal`])
  })

  it('is noticed in what the program prints', async () => {
    await using origin = await startOrigin()
    const secret = canary('echo')
    origin.serve('/F', {body: secret})
    await runFerry(['get', '-o', '-', origin.url('/F')])
    expect(takeLeaks()).toEqual([`${secret} is in standard output`])
    await runFerry(['get', '-o', '-', origin.url('/F')], {reveals: 'content'})
    expect(takeLeaks()).toEqual([])
  })

  it('may be in the store that is for it, and in no other', () => {
    watchText(canary('cookie'), 'state/stores.sqlite-wal')
    watchText(canary('kept'), 'state/credentials.sqlite')
    expect(takeLeaks()).toEqual([])
    watchText(canary('kept'), 'state/stores.sqlite')
    watchText(canary('cookie'), 'config/sessions.json')
    watchText(canary('link'), 'F.ferry')
    watchText(canary('hand'), 'config/sessions.json')
    expect(takeLeaks()).toHaveLength(2)
  })
})
