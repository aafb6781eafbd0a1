import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {DataOptions, TaskAuthentication} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'
import {visitor} from '../engine/authentication/visitor.ts'
import {startHttpbin} from './httpbin.ts'
import type {Httpbin} from './httpbin.ts'

let httpbin: Httpbin

beforeAll(async () => {
  httpbin = await startHttpbin()
}, 60_000)
afterAll(() => httpbin?.close())

const ana = {user: 'ana', password: canary('httpbin')}
const as = (methods: TaskAuthentication['methods'], person = ana): DataOptions => ({
  authentication: {credential: {kind: 'password', ...person}, methods},
  httpErrors: 'deliver'
})
const place = (): string => `${ana.user}/${ana.password}`

describe('httpbin lets in with the right password, and not with a wrong one', () => {
  it.each<readonly [string, TaskAuthentication['methods'], readonly number[]]>([
    ['/basic-auth', 'any', [401, 200]],
    ['/basic-auth', 'preemptive', [200]],
    // It answers 404 to those who say nothing, and asks for nothing.
    ['/hidden-basic-auth', 'preemptive', [200]],
    ['/digest-auth/auth', 'digest', [401, 200]],
    ['/digest-auth/auth', 'preemptive', [401, 200]],
    ['/digest-auth/auth-int', 'digest', [401, 200]]
  ])('%s, %s', async (path, methods, statuses) => {
    const {task, body, outcome} = await visitor().get(httpbin.url(`${path}/${place()}`), as(methods))
    expect(task.metrics?.transactionMetrics.map(({status}) => status)).toEqual(statuses)
    expect(outcome.response?.status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({authenticated: true, user: 'ana'})
    const wrong = await visitor().get(httpbin.url(`${path}/${place()}`), as(methods, {...ana, password: 'x'}))
    expect([401, 404]).toContain(wrong.outcome.response?.status)
  })

  it.each(['MD5', 'SHA-256'])('/digest-auth with %s, twice, the second time unasked', async hash => {
    const {get} = visitor()
    const address = httpbin.url(`/digest-auth/auth/${place()}/${hash}/never`)
    expect((await get(address, as('digest'))).outcome.response?.status).toBe(200)
    const {task} = await get(address, as('digest'))
    expect(task.metrics?.transactionMetrics.map(({status}) => status)).toEqual([200])
  })

  it('/digest-auth takes a new nonce when the old one is stale', async () => {
    const {get} = visitor()
    const address = httpbin.url(`/digest-auth/auth/${place()}/MD5/1`)
    for (let visit = 0; visit < 3; visit += 1)
      expect((await get(address, as('digest'))).outcome.response?.status).toBe(200)
  })

  it('/digest-auth with a hash that the standard has not ends with the 401 at once', async () => {
    const {task, outcome} = await visitor().get(
      httpbin.url(`/digest-auth/auth/${place()}/SHA-512`),
      as('digest')
    )
    expect(outcome.response?.status).toBe(401)
    expect(task.metrics?.transactionMetrics).toHaveLength(1)
  })

  it('/bearer', async () => {
    const token = canary('bearer')
    const {body} = await visitor({credentials: {bearer: token}}).get(httpbin.url('/bearer'))
    expect(JSON.parse(body)).toEqual({authenticated: true, token})
  })
})

describe('curl', () => {
  it.each(['/basic-auth', '/digest-auth/auth', '/digest-auth/auth-int'])(
    'with --anyauth takes the same steps: %s',
    async path => {
      const address = httpbin.url(`${path}/${place()}`)
      const words = ['-sv', '--anyauth', '-u', `${ana.user}:${ana.password}`, address]
      const {stderr} = await promisify(execFile)('curl', words, {env: {PATH: process.env['PATH']}})
      const statuses = [...stderr.matchAll(/^< HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))
      const {task} = await visitor().get(address, as('any'))
      expect(task.metrics?.transactionMetrics.map(({status}) => status)).toEqual(statuses)
    }
  )
})
