import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

it('a host that wants TLS gets it from later commands, for each of their URLs, and from -Z too [CVE 45]', async () => {
  await using origin = await startOrigin({tls: 'wrongName'})
  origin.on('*', respond(200, {'strict-transport-security': 'max-age=600'}, 'ok'))
  const {port} = origin
  const home = scratchFolder()
  const names = ['elsewhere.invalid', 'elsewhere.invalid.']
  const ways = names.flatMap(name => ['--resolve', `${name}:${port}:127.0.0.1`])
  const get = (...args: readonly string[]): Promise<Run> =>
    runFerry(['get', '--cacert', certificates.authorityPath, ...ways, ...args], {env: {FERRY_HOME: home}})
  const plain = (name: string): string => `http://${name}:${port}`
  // Before it said so, it is asked as the URL says, and cannot be.
  expect((await get('--retry', '0', `${plain('elsewhere.invalid')}/early`)).code).not.toBe(0)
  expect(await get(`https://elsewhere.invalid:${port}/first`)).toMatchObject({code: 0})
  const urls = [`${plain('elsewhere.invalid')}/a`, `${plain('ELSEWHERE.invalid.')}/b`]
  expect(await get(...urls)).toMatchObject({code: 0})
  expect(
    await get('-Z', ...urls.map(url => `${url}2`), `${plain('elsewhere.invalid\u3002')}/c2`)
  ).toMatchObject({code: 0})
  const asked = origin.requests.map(({path}) => path).toSorted()
  expect(asked).toEqual(['/a', '/a2', '/b', '/b2', '/c2', '/first'])
})
