import {spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {chmod, mkdir, readdir, stat} from 'node:fs/promises'
import {request} from 'node:http'
import type {IncomingMessage} from 'node:http'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {controlToken} from '../../src/control/control-token.ts'
import type {Endpoint} from '../../src/control/endpoint.ts'
import {FakeTask} from './fake-tasks.ts'
import {newStage, raw} from './stage.ts'
import type {Stage} from './stage.ts'

let stage: Stage
let authorization: string
beforeEach(async () => {
  stage = await newStage()
  authorization = `Bearer ${await controlToken(stage.places.state)}`
})
afterEach(() => stage.clear())

const post = (endpoint: Endpoint, path: string, body = '{}') =>
  raw(endpoint, {method: 'POST', path, authorization, body})

describe('who may ask', () => {
  it('has a socket for its user alone in a folder for its user alone, and removes it at the end', async () => {
    const endpoint = await stage.open()
    expect((await stat(endpoint.address.socketPath)).mode & 0o777).toBe(0o600)
    expect((await stat(stage.places.runtime)).mode & 0o777).toBe(0o700)
    await endpoint.close()
    await expect(readdir(stage.places.runtime)).resolves.toEqual([])
  })

  it('does not open in a folder that others can enter', async () => {
    await mkdir(stage.places.runtime, {recursive: true})
    await chmod(stage.places.runtime, 0o777)
    await expect(stage.open()).rejects.toMatchObject({code: 'REFUSED'})
    await expect(readdir(stage.places.runtime)).resolves.toEqual([])
  })

  it('cannot be reached by another user, even with the token [CVE 61, promise 10]', async () => {
    const endpoint = await stage.open()
    await chmod(stage.home, 0o755)
    const program = `require('node:net').connect(${JSON.stringify(endpoint.address.socketPath)})
      .on('error', error => console.log(error.code)).on('connect', () => console.log('in'))`
    const {getuid} = process
    const root = getuid?.() === 0
    const strange = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, '-e', program])
    // Only root can become somebody else; any other user proves at least that the modes keep everybody out.
    if (root && !strange.error) expect(String(strange.stdout).trim()).toBe('EACCES')
    else expect((await stat(stage.places.runtime)).mode & 0o077).toBe(0)
  })

  it.each([undefined, 'Bearer', `Bearer ${'0'.repeat(64)}`, 'Basic eDp5'])(
    'refuses a request with the authorization %s, and does not act',
    async wrong => {
      const task = new FakeTask('t1')
      const endpoint = await stage.open(task)
      const asked = {method: 'POST', path: '/tasks/t1/cancel', body: '{}'}
      const answer = await raw(endpoint, {...asked, ...(wrong !== undefined && {authorization: wrong})})
      expect(answer).toMatchObject({status: 401, body: {error: {code: 'REFUSED'}}})
      expect(task.hasEnded).toBe(false)
    }
  )
})

describe('what can be asked', () => {
  it('is not done any more for a client that has gone: it was told that nothing was done', async () => {
    const task = new FakeTask('t1')
    const endpoint = await stage.open(task)
    const socket = connect(endpoint.address.socketPath)
    await once(socket, 'connect')
    // Both are on their way when the process comes to look.
    socket.write(
      `POST /tasks/t1/cancel HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 2\r\n\r\n{}`
    )
    socket.destroy()
    await expect(post(endpoint, '/tasks/t1/resume')).resolves.toMatchObject({status: 409})
    await sleep(100)
    expect(task.hasEnded).toBe(false)
  })

  it('lists what runs with its process and actions; a data task can only be cancelled', async () => {
    const done = new FakeTask('t3')
    const endpoint = await stage.open(new FakeTask('t1'), new FakeTask('t2', 'data'), done)
    done.end({state: 'completed'})
    const {body} = await raw(endpoint, {path: '/tasks', authorization})
    expect(body).toMatchObject({
      tasks: [
        {id: 't1', state: 'running', pid: process.pid, actions: ['pause', 'cancel']},
        {id: 't2', pid: process.pid, actions: ['cancel']}
      ]
    })
    const all = await raw(endpoint, {path: '/tasks?all', authorization})
    expect(all.body).toMatchObject({tasks: [{id: 't1'}, {id: 't2'}, {id: 't3', pid: null, actions: []}]})
  })

  it.each([
    ['GET', '/'],
    ['GET', '/tasks/t1/pause'],
    ['POST', '/tasks/t1/explode'],
    ['POST', '/tasks/../pause'],
    ['DELETE', '/tasks'],
    ['PUT', '/pause']
  ])('answers 404 to the unknown request %s %s', async (method, path) => {
    const endpoint = await stage.open(new FakeTask('t1'))
    const answer = await raw(endpoint, {method, path, authorization})
    expect(answer).toMatchObject({status: 404, body: {error: {code: 'USAGE'}}})
  })

  it.each(['{', '[]', '{"discard":"yes"}', '{"force":true}', '"x"'])(
    'refuses the body %s, and the transfer goes on',
    async body => {
      const task = new FakeTask('t1')
      const endpoint = await stage.open(task)
      const answer = await post(endpoint, '/tasks/t1/pause', body)
      expect(answer).toMatchObject({status: 400, body: {error: {code: 'USAGE'}}})
      expect(task.hasEnded).toBe(false)
    }
  )

  it('refuses a body above 1 MiB, but not one just below', async () => {
    const endpoint = await stage.open(new FakeTask('t1'))
    const large = await post(endpoint, '/tasks/t1/pause', `{}${' '.repeat(1024 * 1024)}`)
    expect(large).toMatchObject({status: 400})
    const fitting = await post(endpoint, '/tasks/t1/pause', `{}${' '.repeat(1024 * 1024 - 2)}`)
    expect(fitting).toMatchObject({status: 200})
  })
})

describe('pause', () => {
  it('answers ten that come at once alike, and pauses once', async () => {
    const task = new FakeTask('t1')
    const endpoint = await stage.open(task)
    task.pauseTakes = 300
    const answers = await Promise.all(Array.from({length: 10}, () => post(endpoint, '/tasks/t1/pause')))
    for (const answer of answers)
      expect(answer).toMatchObject({status: 200, body: {record: {state: 'paused'}}})
    expect(task.pauses).toBe(1)
  })

  it('leaves what cannot be resumed running, unless it may be discarded', async () => {
    const [download, data] = [new FakeTask('t1', 'notResumable'), new FakeTask('t2', 'data')]
    const endpoint = await stage.open(download, data)
    for (const task of [download, data]) {
      const refused = await post(endpoint, `/tasks/${task.id}/pause`)
      expect(refused).toMatchObject({status: 409, body: {error: {code: 'NOT_RESUMABLE'}}})
      expect(task.hasEnded).toBe(false)
      const discarded = await post(endpoint, `/tasks/${task.id}/pause`, '{"discard":true}')
      expect(discarded).toMatchObject({status: 200, body: {record: {state: 'cancelled'}}})
    }
  })

  it('is NOT_RESUMABLE for a task that has ended and TASK_UNKNOWN for one that never was', async () => {
    const task = new FakeTask('t1')
    const endpoint = await stage.open(task)
    task.end({state: 'completed'})
    const ended = await post(endpoint, '/tasks/t1/pause')
    expect(ended).toMatchObject({status: 409, body: {error: {code: 'NOT_RESUMABLE'}}})
    const unknown = await post(endpoint, '/tasks/t2/pause')
    expect(unknown).toMatchObject({status: 404, body: {error: {code: 'TASK_UNKNOWN'}}})
  })

  it('of a session pauses its tasks only, and tells of each what became of it', async () => {
    const [one, two, stubborn] = [new FakeTask('t1'), new FakeTask('t2'), new FakeTask('t3', 'data')]
    two.session = 'other'
    const endpoint = await stage.open(one, two, stubborn)
    const answer = await post(endpoint, '/pause', '{"session":"shared"}')
    expect(answer.body).toMatchObject({
      tasks: [
        {id: 't1', record: {state: 'paused'}},
        {id: 't3', error: {code: 'NOT_RESUMABLE'}}
      ]
    })
    expect(two.hasEnded).toBe(false)
    const all = await post(endpoint, '/pause', '{"all":true}')
    expect(all.body).toMatchObject({tasks: [{id: 't2', record: {state: 'paused'}}, {id: 't3'}]})
  })
})

describe('the end', () => {
  it('of a task reaches those who wait for it even when the door closes right then', async () => {
    const task = new FakeTask('t1')
    const endpoint = await stage.open(task)
    const waiting = [1, 2, 3].map(() => post(endpoint, '/tasks/wait', '{"ids":["t1"]}'))
    await expect.poll(() => raw(endpoint, {path: '/tasks', authorization})).toMatchObject({status: 200})
    task.end({state: 'completed'})
    await endpoint.close()
    for (const answer of await Promise.all(waiting))
      expect(answer).toMatchObject({status: 200, body: {exitCode: 0, record: {state: 'completed'}}})
  })

  it('is not held up by a client that waits for something else', async () => {
    const endpoint = await stage.open(new FakeTask('t1'))
    const lost = post(endpoint, '/tasks/wait', '{"ids":["t1"]}').catch(() => 'lost')
    await expect.poll(() => raw(endpoint, {path: '/tasks', authorization})).toMatchObject({status: 200})
    await endpoint.close()
    await expect(lost).resolves.toBe('lost')
  })

  it('of a task is the last line of a watcher, and one line comes for each change', async () => {
    const task = new FakeTask('t1')
    const endpoint = await stage.open(task)
    const {socketPath} = endpoint.address
    const watching = request({socketPath, path: '/tasks/watch', headers: {authorization}, agent: false}).end()
    const [response] = (await once(watching, 'response')) as [IncomingMessage]
    response.setEncoding('utf8')
    const [first] = (await once(response, 'data')) as [string]
    task.bytes = 20
    const [second] = (await once(response, 'data')) as [string]
    task.end({state: 'completed'})
    await endpoint.close()
    const rest = (await response.toArray()).join('')
    expect([first, second, rest].map(line => JSON.parse(line))).toMatchObject([
      {id: 't1', state: 'running', bytes: 10},
      {state: 'running', bytes: 20},
      {state: 'completed', pid: null}
    ])
  })

  it('of the process comes by itself although the door is open', async () => {
    const child = await stage.spawn('t1', 'exitsAtOnce')
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    expect(code).toBe(0)
  })
})
