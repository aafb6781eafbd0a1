import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary, takeLeaks} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Handler} from '../origin/connection.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import type {OriginRequest} from '../origin/request.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {filesIn} from './files-in.ts'

let origin: Origin
let secret: string

/** All that a request says of who asks, as it came, and the way a careless server may repeat it. */
function repeated({rawHead, headers, target}: OriginRequest): string {
  const word = /^Basic (.*)$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''
  return `${rawHead} ${Buffer.from(word, 'base64').toString()} ${decodeURIComponent(target)}`
}

const inBody: Handler = (request, reply) => reply.respond(403, {}, `You sent: ${repeated(request)}`)

const inFields: Handler = (request, reply) => {
  const said = repeated(request).replaceAll(/\s+/g, ' ')
  return reply.respond(403, {'x-echo': said, 'www-authenticate': `Basic realm="${said.replaceAll('"', '')}"`})
}

const inReason: Handler = (request, reply) =>
  reply.raw(`HTTP/1.1 403 ${repeated(request).replaceAll(/\s+/g, ' ')}\r\nContent-Length: 0\r\n\r\n`)

beforeAll(async () => {
  origin = await startOrigin()
  secret = canary('echo', origin)
  origin.on('/body', inBody)
  origin.on('/fields', inFields)
  origin.on('/reason', inReason)
  origin.on('/away', redirect(302, '/body'))
})
afterAll(() => origin.close())

const ways: readonly (readonly [string, (address: string) => readonly string[]])[] = [
  ['-u', address => ['-u', 'env:PAIR', address]],
  ['--oauth2-bearer', address => ['--oauth2-bearer', 'env:TOKEN', address]],
  ['a header', address => ['-H', `X-Api-Key: ${secret}`, address]],
  ['a cookie', address => ['-b', `id=${secret}; other=1`, address]],
  ['a signed link', address => [`${address}?sig=${secret}`]]
]

describe.each(ways)('a server that repeats the secret of %s', (_way, words) => {
  it.each(['/body', '/fields', '/reason', '/away'])(
    'in its refusal gives it to no error, log, event or record: %s [CVE 21]',
    async path => {
      const [cwd, home] = [scratchFolder(), scratchFolder()]
      const env = {PAIR: `ana:${secret}`, TOKEN: secret, FERRY_HOME: home}
      for (const flags of [['-v'], ['-v', '--events'], ['--json', '--fail-with-body']]) {
        const run = await runFerry(['get', '-o', 'F', ...flags, ...words(origin.url(path))], {cwd, env})
        expect(run, run.stderr).toMatchObject({code: 22})
        if (flags.includes('-v')) expect(run.stderr).toContain('***')
      }
      expect(takeLeaks()).toEqual([])
      expect(
        filesIn(home)
          .map(({content}) => content)
          .join()
      ).not.toContain('canary-')
    }
  )
})

it('a page that repeats nothing secret is shown as it is', async () => {
  origin.on('/plain', (_request, reply) => reply.respond(403, {}, 'The password is expired: ask Ana'))
  const run = await runFerry(['get', '-o', '-', '-u', 'env:PAIR', origin.url('/plain')], {
    env: {PAIR: 'ana:pass'}
  })
  expect(run.stderr).toContain('The password is expired: ask Ana')
})
