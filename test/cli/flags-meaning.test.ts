import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {planGet} from '../../src/cli/plan-get.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {authenticationArguments} from '../../src/cli/authentication-arguments.ts'
import {requestHeaders} from '../../src/cli/request-headers.ts'
import {resolveConfiguration} from '../../src/cli/resolve-configuration.ts'
import {chooseSession} from '../../src/cli/session-choice.ts'
import {getFlags} from '../../src/cli/transfer-flags.ts'
import {SessionConfiguration} from '../../src/engine/index.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const url = 'http://localhost/files/disk%20one.iso'
const plan = (...argv: string[]) => {
  const {flags, operands} = readWords(argv, getFlags)
  return planGet(flags, operands)
}
const configuration = async (...argv: string[]) => {
  const {flags} = readWords(argv, getFlags)
  return SessionConfiguration.default(await resolveConfiguration(flags)).keys
}

describe('Flags become configuration', () => {
  it('without any flag, nothing changes', async () => {
    expect(await configuration()).toEqual(SessionConfiguration.default().keys)
  })

  it.each([
    [
      ['--connect-timeout', '2.5', '--idle-timeout', '1m', '-m', '1h'],
      {timeouts: {connect: 2.5, idle: 60, total: 3600}}
    ],
    [
      ['--retry', '0', '--retry-delay', '2', '--retry-all-errors'],
      {retry: {attempts: 0, delay: 2, allErrors: true}}
    ],
    [['--limit-rate', '2M', '--max-filesize', '1k'], {limits: {rate: 2_097_152, maxFileSize: 1024}}],
    [['-y', '5'], {limits: {lowSpeed: 1, lowSpeedTime: 5}}],
    [['-j', '3', '--parallel-max-host', '2'], {maxParallelTasks: 3, maxConnectionsPerHost: 2}],
    [
      ['--max-redirs', '3', '--allow-downgrade', '--location-trusted'],
      {redirects: {max: 3, allowDowngrade: true, trusted: true}}
    ],
    [['--no-location'], {redirects: {follow: false}}],
    [['--no-location', '-L'], {redirects: {follow: true}}],
    [['--tlsv1.3', '--tls-max', '1.3', '-k'], {tls: {min: 'TLSv1.3', max: 'TLSv1.3', insecure: true}}],
    [['-6', '--interface', '::1', '--http2'], {network: {family: 6, localAddress: '::1', http2: true}}],
    [['--wait-for-network'], {waitsForConnectivity: true}]
  ])('%j', async (argv, expected) => expect(await configuration(...argv)).toMatchObject(expected))

  it.each([
    ['--retry', 'x'],
    ['-m', 'soon'],
    ['-j', '0'],
    ['--limit-rate', '-1'],
    ['--interface', 'nosuch0']
  ])('a value that cannot be read stops with exit 2: %s %s', async (...argv) =>
    expect(configuration(...argv)).rejects.toMatchObject({code: 'USAGE'})
  )

  it('a file of authorities must hold certificates', async () => {
    const file = join(scratchFolder(), 'ca.pem')
    await expect(configuration('--cacert', file)).rejects.toMatchObject({code: 'CA_FILE'})
    writeFileSync(file, 'nothing')
    await expect(configuration('--cacert', file)).rejects.toMatchObject({code: 'CA_FILE'})
  })

  it('the session is shared, ephemeral, background or one that was made; others are not there', async () => {
    const wishes = {changes: {}, folder: scratchFolder()}
    expect(await chooseSession({}, wishes)).toMatchObject({name: 'shared'})
    expect((await chooseSession({ephemeral: true}, wishes)).configuration.kind).toBe('ephemeral')
    await expect(chooseSession({session: 'other'}, wishes)).rejects.toMatchObject({code: 'SESSION_UNKNOWN'})
    for (const flags of [{background: true}, {session: 'background'}] as const)
      expect((await chooseSession(flags, wishes)).configuration).toMatchObject({
        kind: 'background',
        keys: {identifier: 'background'}
      })
    for (const flags of [
      {session: 'shared', ephemeral: true},
      {session: 'shared', background: true},
      {ephemeral: true, background: true}
    ] as const)
      await expect(chooseSession(flags, wishes)).rejects.toMatchObject({code: 'USAGE'})
  })
})

describe('Words become transfers', () => {
  it('a URL is a download into the current folder, named by others', async () => {
    const {transfers} = await plan(url)
    expect(transfers).toMatchObject([
      {kind: 'download', options: {directory: process.cwd()}, listedAs: ['disk one.iso']}
    ])
    expect(transfers[0]?.options).not.toHaveProperty('fileName')
  })

  it('each -o names the URL in its place, and - is standard output', async () => {
    const {transfers} = await plan(url, '-o', 'a/b', '-P', '/srv', 'localhost/c', '-o', '-', 'localhost/d')
    expect(transfers).toMatchObject([
      {kind: 'download', options: {directory: '/srv/a', fileName: 'b'}},
      {kind: 'data'},
      {kind: 'download', options: {directory: '/srv'}}
    ])
  })

  it('-I asks for the head alone', async () => {
    expect((await plan('-I', url)).transfers).toMatchObject([
      {kind: 'head', output: '-', request: {method: 'HEAD'}}
    ])
  })

  it('--if-changed keeps to names that the user gave: only those may be replaced', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'disk one.iso'), '')
    const {transfers} = await plan('--if-changed', '-P', folder, url)
    expect(transfers).toMatchObject([
      {options: {remoteHeaderName: false, ifExists: 'replace', remoteTime: true}}
    ])
    expect(transfers[0]?.request.headers).toMatchObject([
      ['If-Modified-Since', expect.stringMatching(/GMT$/)]
    ])
  })

  it('--etag-compare before anything was saved asks for whatever there is', async () => {
    const {transfers} = await plan('--etag-compare', join(scratchFolder(), 'none'), url)
    expect(transfers[0]?.request.headers).toEqual([['If-None-Match', '""']])
  })

  it('-i adds the URLs of a list', async () => {
    const list = join(scratchFolder(), 'list')
    writeFileSync(list, '# two\nhttp://localhost/1\nhttp://localhost/2\n')
    expect((await plan('-i', list, url)).transfers).toHaveLength(3)
  })

  it.each([
    [[], /nothing to fetch/],
    [['-o', 'a', '-o', 'b', url], /more -o than URLs/],
    [['-C', '500', url], /-C takes - only/],
    [['-o', 'folder/', url], /-P DIR/],
    [['--json', '-o', '-', url], /exclude each other/],
    [['--show-headers', url], /goes with -o -/],
    [['-r', '0-4,8-9', url], /one range/],
    [['-r', '5-2', url], /one range/],
    [['-r', '-', url], /one range/],
    [['--priority', '2', url], /from 0 to 1/],
    [['--etag-save', 'F', url, url], /one URL at a time/],
    [['-b', '@/dev/null', url], /NAME=VALUE/],
    [['-u', 'a:b', 'http://localhost/', 'http://127.0.0.1/'], /one origin/]
  ])('what makes no sense stops with exit 2: %j', async (argv, message) => {
    await expect(plan(...argv)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message)
    })
  })

  it('a scheme that is not spoken is 1, a malformed URL 3, wherever it stands', async () => {
    await expect(plan('ftp://localhost/a')).rejects.toMatchObject({code: 'UNSUPPORTED_SCHEME'})
    await expect(plan('http://local host/')).rejects.toMatchObject({code: 'URL_MALFORMED'})
  })
})

describe('Headers of the flags', () => {
  const headers = (...argv: string[]) => requestHeaders(readWords(argv, getFlags).flags)
  const who = (...argv: string[]) => authenticationArguments(readWords(argv, getFlags).flags)

  it('-H wins over the flag that means the same header', async () => {
    expect(await headers('-A', 'one', '-H', 'user-agent: two')).toEqual([['user-agent', 'two']])
  })

  it('an empty header is sent, a removed one is not', async () => {
    expect(await headers('-H', 'X-Empty;', '-H', 'Accept:')).toEqual([
      ['X-Empty', ' '],
      ['Accept', '']
    ])
  })

  it('a password on the command line is warned about, one from the environment is not', async () => {
    const literal = await who('-u', 'name:word')
    expect(literal.authentication).toEqual({
      credential: {kind: 'password', user: 'name', password: 'word'},
      methods: 'preemptive'
    })
    expect(literal.warnings).toHaveLength(1)
    expect(literal.warnings.join()).not.toContain('word:')
    expect((await who('--oauth2-bearer', 'env:HOME')).warnings).toEqual([])
  })

  it('two ways to sign in exclude each other', async () => {
    await expect(who('-u', 'a:b', '--oauth2-bearer', 't')).rejects.toMatchObject({code: 'USAGE'})
  })
})
