import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {HeaderField, SessionDelegate} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'
import {echo, redirect} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {recordedSession} from './recorded-session.ts'

/** A delegate that goes to another address than the server says, with what the proposal has and these headers. */
function leadingTo(url: string, ...added: readonly HeaderField[]): SessionDelegate {
  return {
    willPerformRedirection: (_task, {request}) => ({
      ...request,
      url: new URL(url),
      headers: [...request.headers, ...added]
    })
  }
}

describe('another request than the server proposes', () => {
  it('takes nothing to another origin that was given for the one before, but what is added there [3D 104, R37]', async () => {
    await using origin = await startOrigin()
    await using elsewhere = await startOrigin()
    origin.on('/from', redirect(302, '/to'))
    elsewhere.on('*', echo)
    const given: readonly HeaderField[] = [
      ['Authorization', `Bearer ${canary('given', origin)}`],
      ['X-Api-Key', canary('given', origin)],
      ['Accept', 'text/plain']
    ]
    const added = canary('added', elsewhere)
    const recorded = recordedSession({}, leadingTo(elsewhere.url('/F'), ['X-Own', added]))
    const {outcome} = await recorded.get(urlRequest(origin.url('/from'), {headers: given}))
    expect(outcome.state).toBe('completed')
    const [seen] = elsewhere.requests
    expect([seen?.header('authorization'), seen?.header('x-api-key')]).toEqual([undefined, undefined])
    expect([seen?.header('accept'), seen?.header('x-own')]).toEqual(['text/plain', added])
    expect(recorded.calls.find(({name}) => name === 'didDecideRedirection')?.value).toMatchObject({
      decision: 'follow',
      request: {url: new URL(elsewhere.url('/F'))}
    })
  })

  it('keeps them at the same origin', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    origin.on('/from', redirect(302, '/to'))
    const headers: readonly HeaderField[] = [['X-Api-Key', canary('given', origin)]]
    const recorded = recordedSession({}, leadingTo(origin.url('/other')))
    await recorded.get(urlRequest(origin.url('/from'), {headers}))
    expect(origin.requests.map(request => request.header('x-api-key'))).toEqual([
      headers[0]?.[1],
      headers[0]?.[1]
    ])
  })

  it('has no user and no password in its address', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    origin.on('/from', redirect(302, '/to'))
    const address = origin.url('/other').replace('://', `://ana:${canary('address')}@`)
    const {task} = await recordedSession({}, leadingTo(address)).get(origin.url('/from'))
    expect(task.currentRequest.url.href).toBe(origin.url('/other'))
    expect(origin.requests.at(-1)?.header('authorization')).toBeUndefined()
  })

  it.each([
    ['another scheme', 'file:///etc/passwd', 'UNSUPPORTED_SCHEME'],
    ['http after https', 'http://127.0.0.1:1/F', 'REFUSED']
  ])('may not lead to %s, and is not tried again [CVE 36]', async (_what, url, code) => {
    await using origin = await startOrigin({tls: 'good'})
    origin.on('/from', redirect(302, '/to'))
    const recorded = recordedSession({retry: {attempts: 2, allErrors: true}}, leadingTo(url))
    const {outcome} = await recorded.get(origin.url('/from'))
    expect(outcome).toMatchObject({state: 'failed', error: {code}})
    expect(origin.requests).toHaveLength(1)
  })
})
