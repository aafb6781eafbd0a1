import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {Redirection, SessionDelegate} from '../../../src/engine/index.ts'
import {echo, redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'

async function redirecting(location: string): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('*', echo)
  origin.on('/from', redirect(302, location))
  return origin
}

function asked(origin: Origin): string[] {
  return origin.requests.map(({method, target}) => `${method} ${target}`)
}

describe('the decision about a redirection', () => {
  it('shows what came and what would be asked, once [3A 48, R37]', async () => {
    await using origin = await redirecting('/to')
    const seen: Redirection[] = []
    const recorded = recordedSession(
      {},
      {
        willPerformRedirection: (_task, redirection) => {
          seen.push(redirection)
          return redirection.request
        }
      }
    )
    await recorded.get(origin.url('/from'))
    expect(seen).toMatchObject([{response: {status: 302}, request: {method: 'GET'}}])
    expect(seen[0]?.request.url.pathname).toBe('/to')
    expect(asked(origin)).toEqual(['GET /from', 'GET /to'])
  })

  it('against it makes the 3xx the result, with its body and no error [3A 39, 3D 104, R37]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', respond(302, {location: '/to'}, 'the body of the 302'))
    const denied = recordedSession({}, {willPerformRedirection: () => undefined})
    const {task, outcome, body} = await denied.get(origin.url('/from'))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 302, expectedContentLength: 19}})
    expect(outcome.error).toBeUndefined()
    expect(body.toString()).toBe('the body of the 302')
    expect(denied.order(task)).toContain('didReceiveResponse')
    expect(origin.requests).toHaveLength(1)
  })

  it.each([{max: 0}, {follow: false}])(
    'made once for all by the configuration %j denies as well [R37]',
    async redirects => {
      await using origin = await startOrigin()
      origin.on('/from', respond(302, {location: '/to'}, 'the body of the 302'))
      const {outcome, body} = await recordedSession({redirects}).get(origin.url('/from'))
      expect(outcome).toMatchObject({state: 'completed', response: {status: 302}})
      expect(body.toString()).toBe('the body of the 302')
    }
  )

  it('may choose another request, and may take its time [3D 104, R37, P3]', async () => {
    await using origin = await redirecting('/to')
    const recorded = recordedSession(
      {timeouts: {idle: 0.1}},
      {
        willPerformRedirection: async () => {
          await new Promise(resolve => setTimeout(resolve, 250))
          return urlRequest(origin.url('/other'), {method: 'DELETE'})
        }
      }
    )
    const {outcome} = await recorded.get(origin.url('/from'))
    expect(outcome.state).toBe('completed')
    expect(asked(origin)).toEqual(['GET /from', 'DELETE /other'])
  })

  it('that never comes does not keep a task from being cancelled [3A 40]', async () => {
    await using origin = await redirecting('/to')
    const recorded = recordedSession(
      {},
      {
        willPerformRedirection: task => {
          setTimeout(() => task.cancel(), 20)
          return new Promise(() => {})
        }
      }
    )
    const {outcome} = await recorded.get(origin.url('/from'))
    expect(outcome.state).toBe('cancelled')
    expect(asked(origin)).toEqual(['GET /from'])
  })

  it.each(['data', 'download'] as const)(
    'about a response that never comes does not keep a %s task either',
    async kind => {
      await using origin = await startOrigin()
      origin.on('*', echo)
      const delegate: SessionDelegate = {
        didReceiveResponse: task => {
          setTimeout(() => task.cancel(), 20)
          return new Promise(() => {})
        }
      }
      const {session} = recordedSession({}, delegate)
      const request = urlRequest(origin.url('/'))
      const task =
        kind === 'data'
          ? session.dataTask(request)
          : session.downloadTask(request, {directory: scratchFolder()})
      task.resume()
      expect((await task.outcome).state).toBe('cancelled')
    }
  )
})
