import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {canariesIn, canary, takeLeaks, watchText} from './canary.ts'

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
    expect(takeLeaks()).toHaveLength(2)
  })
})
