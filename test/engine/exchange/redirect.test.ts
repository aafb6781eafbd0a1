import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {echo, redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'

type Status = 301 | 302 | 303 | 307 | 308

async function redirecting(status: Status, location: string, from = '/from'): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('*', echo)
  origin.on(from, redirect(status, location))
  return origin
}

function asked(origin: Origin): string[] {
  return origin.requests.map(({method, target}) => `${method} ${target}`)
}

describe('a redirection', () => {
  it.each([
    [301, 'GET', 'GET'],
    [301, 'POST', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'GET', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'DELETE', 'DELETE'],
    [302, 'HEAD', 'HEAD'],
    [303, 'GET', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'DELETE', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [307, 'GET', 'GET'],
    [308, 'PUT', 'PUT'],
    [308, 'HEAD', 'HEAD']
  ] as const)(
    '%i after %s asks with %s, once and before the response [3A 10, 3A 35, 3A 36, 3A 38]',
    async (status, method, next) => {
      await using origin = await redirecting(status, '/to')
      const recorded = recordedSession()
      const {task, outcome} = await recorded.get(urlRequest(origin.url('/from'), {method}))
      expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
      expect(asked(origin)).toEqual([`${method} /from`, `${next} /to`])
      expect(recorded.count('didDecideRedirection', task)).toBe(1)
      expect(recorded.order(task).slice(2, 4)).toEqual(['didDecideRedirection', 'didReceiveResponse'])
    }
  )

  it.each([300, 304, 305, 306])(
    'is not what %i means: the answer itself is the result [3A 34, 3A 37, 3A 38]',
    async status => {
      await using origin = await startOrigin()
      origin.on('/', respond(status, {location: '/to'}, status === 304 ? '' : 'the body'))
      const recorded = recordedSession()
      const {outcome, body} = await recorded.get(origin.url('/'))
      expect(outcome).toMatchObject({state: 'completed', response: {status}})
      expect(body.toString()).toBe(status === 304 ? '' : 'the body')
      expect(recorded.count('didDecideRedirection')).toBe(0)
      expect(origin.requests).toHaveLength(1)
    }
  )

  it('without a location is a result like any other', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(302, {}, 'nowhere'))
    const {outcome, body} = await recordedSession().get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 302}})
    expect(body.toString()).toBe('nowhere')
  })

  it.each([
    ['/dir/a', 'UK', '/dir/UK', 42],
    ['/dir/a', '/UK', '/UK', 42],
    ['/dir/a', '../UK', '/UK', 42],
    ['/a', 'echo-query?param=foo', '/echo-query?param=foo', 44],
    ['/a', '/b?x=%2F%20&y=a+b', '/b?x=%2F%20&y=a+b', 44],
    ['/a?old=1', '?new=2', '/a?new=2', 44],
    ['/a', '/b#part', '/b', 44]
  ])('from %s to %j asks for %s and encodes nothing twice [%i]', async (from, location, to) => {
    await using origin = await redirecting(302, location, from)
    await recordedSession().get(origin.url(from))
    expect(asked(origin)).toEqual([`GET ${from}`, `GET ${to}`])
  })

  it('is found in whatever case the field is written [wrong 12]', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    origin.on('/lower', respond(302, {location: '/to'}))
    origin.on('/upper', respond(302, {LOCATION: '/to'}))
    const recorded = recordedSession()
    for (const path of ['/lower', '/upper']) await recorded.get(origin.url(path))
    expect(origin.requestsOf('/to')).toHaveLength(2)
  })

  it('brings its own body along in vain: only the last body is the result [wrong 12]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', respond(302, {location: '/b'}, 'the body of the redirection'))
    origin.on('/b', respond(200, {}, 'the result'))
    const recorded = recordedSession()
    const {body} = await recorded.get(origin.url('/a'))
    expect(body.toString()).toBe('the result')
    expect(origin.connections).toBe(1)
  })

  it('that leads to another port goes there, and nowhere else [3A 41, 3A 45]', async () => {
    await using dead = await startOrigin()
    const location = dead.url('/to')
    await dead.close()
    await using origin = await redirecting(302, location)
    const recorded = recordedSession()
    const {task, outcome} = await recorded.get(origin.url('/from'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'CONNECT_FAILED', url: location}})
    expect(recorded.count('didDecideRedirection', task)).toBe(1)
  })

  it('without a port means the port of its scheme, not the one before [3A 43]', async () => {
    await using origin = await redirecting(302, 'http://127.0.0.1/to')
    const next: string[] = []
    await recordedSession(
      {},
      {
        willPerformRedirection: (_task, {request}) => {
          next.push(request.url.href)
          return undefined
        }
      }
    ).get(origin.url('/from'))
    expect(next).toEqual(['http://127.0.0.1/to'])
  })
})

describe('a chain of redirections', () => {
  async function chain(): Promise<Origin> {
    const origin = await startOrigin()
    origin.on('*', (request, reply) => {
      const left = Number(request.path.slice(1))
      return left === 0
        ? reply.respond(200, {}, 'arrived')
        : reply.respond(302, {location: `/${left - 1}`}, 'on')
    })
    return origin
  }

  it('of 20 is followed to its end, of 21 is not [3A 39, 3A 47, R39, fault 41]', async () => {
    await using origin = await chain()
    const recorded = recordedSession()
    const arrived = await recorded.get(origin.url('/20'))
    expect(arrived.body.toString()).toBe('arrived')
    expect(arrived.task.metrics?.redirectCount).toBe(20)
    const lost = await recorded.get(origin.url('/99'))
    expect(lost.outcome).toMatchObject({state: 'failed', error: {code: 'TOO_MANY_REDIRECTS'}})
    expect(recorded.count('didDecideRedirection', lost.task)).toBe(20)
    expect(lost.body.length).toBe(0)
  })

  it('that is a circle ends at the limit, but may pass one address more than once [fault 41]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', redirect(302, '/b'))
    origin.script('/b', [redirect(302, '/a'), redirect(302, '/a'), respond(200, {}, 'third time')])
    const recorded = recordedSession({redirects: {max: 5}})
    expect((await recorded.get(origin.url('/a'))).body.toString()).toBe('third time')
    origin.on('/b', redirect(302, '/a'))
    expect((await recorded.get(origin.url('/a'))).outcome.error?.code).toBe('TOO_MANY_REDIRECTS')
  })
})
