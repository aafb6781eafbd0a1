import {describe, expect, it} from 'vitest'
import {headerValue, parseAddress, TransferError, urlRequest} from '../../src/engine/index.ts'
import {startOrigin} from '../origin/origin.ts'
import {echo} from '../origin/handlers.ts'
import {recordedSession} from './recorded-session.ts'

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof TransferError ? error.code : String(error)
  }
  return undefined
}

describe('an address', () => {
  it.each([
    ['http://127.0.0.1:999999/', 'URL_MALFORMED', '22: a port that cannot be'],
    ['http://', 'URL_MALFORMED', 'no host'],
    ['', 'URL_MALFORMED', '26: nothing at all'],
    ['foobar://127.0.0.1/', 'UNSUPPORTED_SCHEME', '25: an unknown scheme'],
    ['ws://127.0.0.1/', 'UNSUPPORTED_SCHEME', '80: a web socket'],
    ['ftp://127.0.0.1/', 'UNSUPPORTED_SCHEME', '92: FTP'],
    ['file:///etc/passwd', 'UNSUPPORTED_SCHEME', '111: a local file'],
    ['unix:/var/run/docker.sock', 'UNSUPPORTED_SCHEME', 'CVE 35: a local socket'],
    ['http://good%2Fevil.invalid/', 'URL_MALFORMED', 'CVE 40: an escaped slash in the host'],
    ['http://good.invalid%40evil.invalid/', 'URL_MALFORMED', 'CVE 40: an escaped at sign in the host'],
    ['good.invalid%23.evil.invalid/', 'URL_MALFORMED', 'CVE 40: an escaped number sign, and no scheme'],
    ['http://127.0.0.1/a\tb', 'URL_MALFORMED', 'CVE 40: a tab, which WHATWG would drop'],
    ['http://127.0.0.1/a\r\nX: y', 'URL_MALFORMED', 'CVE 46: a second line'],
    ['http://127.0.0.1/a b', 'URL_MALFORMED', 'a blank']
  ])('%j is refused as %s, before anything is sent [%s]', (address, code) => {
    expect(codeOf(() => parseAddress(address))).toBe(code)
    expect(codeOf(() => urlRequest(address))).toBe(code)
  })

  it.each([
    ['http://user;x@good.invalid/', 'good.invalid', 'CVE 39'],
    ['http://good.invalid#@evil.invalid/', 'good.invalid', 'CVE 40'],
    ['http://good%23@evil.invalid/', 'evil.invalid', 'CVE 40'],
    ['http://good.invalid/@evil.invalid/', 'good.invalid', 'CVE 40'],
    ['http://user:p%40x@good.invalid/', 'good.invalid', 'CVE 38']
  ])('%s belongs to the host %s, whatever the rest pretends [%s]', (address, host) => {
    expect(parseAddress(address).hostname).toBe(host)
  })

  it('without a scheme is taken as http, even when it looks like one before a port', () => {
    expect(parseAddress('localhost:8080/a').href).toBe('http://localhost:8080/a')
    expect(parseAddress('example.invalid/a').href).toBe('http://example.invalid/a')
  })

  it('keeps a path that begins with two slashes with its own host [CVE 47]', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const {body} = await recordedSession().get(origin.url('//evil.invalid/x'))
    expect(JSON.parse(body.toString())).toMatchObject({
      target: '//evil.invalid/x',
      headers: {host: `127.0.0.1:${origin.port}`}
    })
  })

  it('sends escaped line ends as they are, never as line ends [CVE 46]', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const {outcome} = await recordedSession().get(origin.url('/a%0d%0aX-Evil:%20y'))
    expect(outcome.state).toBe('completed')
    expect(origin.requests.map(({target}) => target)).toEqual(['/a%0d%0aX-Evil:%20y'])
    expect(origin.requests[0]?.header('x-evil')).toBeUndefined()
  })
})

describe('a request', () => {
  const address = 'http://127.0.0.1/'

  it.each([['G\r\nE'], ['GE T'], ['GET\0'], [''], ['GET / HTTP/1.1\r\nX:']])(
    'refuses the method %j [CVE 46]',
    method => {
      expect(codeOf(() => urlRequest(address, {method}))).toBe('USAGE')
    }
  )

  it.each([
    ['X', 'a\r\nY: b'],
    ['X', 'a\nb'],
    ['X', 'a\0b'],
    ['X: y\r\nZ', 'a'],
    ['X Y', 'a'],
    ['', 'a']
  ])('refuses the header %j: %j, which could begin another line [CVE 46]', (name, value) => {
    expect(codeOf(() => urlRequest(address, {headers: [[name, value]]}))).toBe('USAGE')
  })

  it.each([
    'content-length',
    'Content-Length',
    'TRANSFER-ENCODING',
    'Connection',
    'Proxy-Authorization',
    'Upgrade'
  ])('refuses %s, which frames the message and is not a matter of persons [CVE 48, CVE 30]', name => {
    expect(codeOf(() => urlRequest(address, {headers: [[name, '1']]}))).toBe('USAGE')
  })

  it('takes a tab inside a value, and letters beyond ASCII', () => {
    expect(urlRequest(address, {headers: [['X', 'a\tb é']]}).headers).toEqual([['X', 'a\tb é']])
  })

  it('does not notice later changes of the list it was made from [3A 28]', () => {
    const headers: [string, string][] = [['header1', 'value1']]
    const request = urlRequest(address, {headers})
    headers.push(['header2', 'value2'])
    const [first] = headers
    if (first) first[1] = 'changed'
    expect(request.headers).toEqual([['header1', 'value1']])
  })
})

describe('a header of an answer', () => {
  it('is the combination of its lines, in their order', () => {
    const headers = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3']
    ] as const
    expect(headerValue(headers, 'a')).toBe('1, 3')
    expect(headerValue(headers, 'c')).toBeUndefined()
  })
})
