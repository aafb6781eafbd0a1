import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {FlagDeclaration} from '../../src/cli/flag-table.ts'
import {changeFlags} from '../../src/cli/flags/sessions.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {settingsOf, storableFlags} from '../../src/cli/storable-flags.ts'
import {getFlags, resumeFlags, transferFlags, uploadFlags} from '../../src/cli/transfer-flags.ts'
import {explainUnstorableFlag, unstorableFlags} from '../../src/cli/unstorable-flags.ts'
import {create} from '../../src/commands/sessions/create.ts'
import {withSettings} from '../../src/profiles/settings.ts'
import {certificates} from '../origin/certificates.ts'
import {canary} from '../canary/canary.ts'

const literalSecret = canary('literal')
const literalSecret2 = canary('literal')
const literalSecret3 = canary('literal')
const literalSecret4 = canary('literal')
const literalSecret5 = canary('literal')
const literalSecret6 = canary('literal')
const literalSecret7 = canary('literal')

const ownOfTheCommand = Object.keys(changeFlags)

async function valuesOf(...words: readonly string[]): Promise<unknown> {
  const {flags} = readWords(words, create.flags, explainUnstorableFlag)
  return withSettings({}, await settingsOf(flags))
}

describe('Every flag of a transfer', () => {
  it.each(Object.keys({...getFlags, ...transferFlags, ...uploadFlags}))(
    'is kept by a session, or refused with the reason: --%s',
    name => {
      const isKept = Object.hasOwn(storableFlags, name)
      const isRefused = Object.hasOwn(unstorableFlags, name)
      const isOwn = ownOfTheCommand.includes(name)
      expect([isKept, isRefused, isOwn].filter(Boolean)).toHaveLength(1)
      expect(Object.hasOwn(create.flags, name)).toBe(isKept || isOwn)
    }
  )

  it.each(Object.entries(unstorableFlags).filter(([name]) => name in uploadFlags || name in getFlags))(
    'that is not kept is explained by either name: --%s',
    (name, why) => {
      const {char} =
        new Map<string, FlagDeclaration>(Object.entries({...uploadFlags, ...getFlags})).get(name) ?? {}
      for (const flag of [`--${name}`, ...(char === undefined ? [] : [`-${char}`])]) {
        expect(() => readWords([flag], create.flags, explainUnstorableFlag)).toThrow(
          expect.objectContaining({code: 'USAGE', message: `A session does not keep ${flag}: ${why}`})
        )
      }
    }
  )

  it('of resume is known here too', () => {
    const known = new Set([
      ...Object.keys(storableFlags),
      ...Object.keys(unstorableFlags),
      ...ownOfTheCommand
    ])
    // These two are about the downloads that are resumed.
    expect(Object.keys(resumeFlags).filter(name => !known.has(name))).toEqual(['url', 'restart'])
  })
})

describe('A flag that is kept', () => {
  it.each<[readonly string[], Readonly<Record<string, unknown>>]>([
    [['-H', 'X-Team: a', '-H', 'x-team: b'], {'headers.x-team': 'b'}],
    [
      ['-A', 'crane/1', '-e', 'http://localhost/'],
      {'headers.User-Agent': 'crane/1', 'headers.Referer': 'http://localhost/'}
    ],
    [['-H', 'Authorization: Bearer env:T'], {'headers.Authorization': 'Bearer env:T'}],
    [['-u', 'ana'], {'credentials.user': 'ana'}],
    [['-u', 'env:PAIR'], {'credentials.user': 'env:PAIR'}],
    [['--oauth2-bearer', '-'], {'credentials.bearer': '-'}],
    [['-b', '/c.txt', '-b', 'env:C', '-b', ''], {'cookies.sources': ['/c.txt'], 'headers.Cookie': 'env:C'}],
    [['--cookie-jar', '/jar.txt'], {'cookies.jar': '/jar.txt'}],
    [['--netrc-file', '/netrc'], {'credentials.netrc': '/netrc'}],
    [['-x', '127.0.0.1:3128'], {'proxy.url': '127.0.0.1:3128'}],
    [['-x', ''], {'proxy.url': 'none'}],
    [
      ['--proxy-user', 'env:PAIR', '--noproxy', 'a,b'],
      {'proxy.user': 'env:PAIR', 'proxy.noProxy': ['a', 'b']}
    ],
    [
      ['--cert', '/c.pem:env:P', '--key', '/k.pem'],
      {'tls.cert': '/c.pem', 'tls.passphrase': 'env:P', 'tls.key': '/k.pem'}
    ],
    [['--cert', '/c.p12'], {'tls.pkcs12': '/c.p12'}],
    [['--cert', '/c', '--cert-type', 'P12'], {'tls.pkcs12': '/c'}],
    [
      ['--cacert', '/ca.pem', '--tlsv1.3', '--tls-max', '1.3'],
      {'tls.ca': '/ca.pem', 'tls.min': 'TLSv1.3', 'tls.max': 'TLSv1.3'}
    ],
    [['--capath', '/cas', '--tls-max', 'default'], {'tls.ca': '/cas'}],
    [
      ['--connect-timeout', '5', '--idle-timeout', '1m30s', '-m', '2h'],
      {'timeouts.connect': 5, 'timeouts.idle': 90, 'timeouts.total': 7200}
    ],
    [['-y', '9'], {'limits.lowSpeed': 1, 'limits.lowSpeedTime': 9}],
    [['-Y', '2k', '-y', '9'], {'limits.lowSpeed': 2048, 'limits.lowSpeedTime': 9}],
    [
      ['--limit-rate', '1M', '--max-filesize', '2G'],
      {'limits.rate': 1_048_576, 'limits.maxFileSize': 2_147_483_648}
    ],
    [
      ['--wait-for-network', '-j', '3', '--parallel-max-host', '2'],
      {waitsForConnectivity: true, maxParallelTasks: 3, maxConnectionsPerHost: 2}
    ],
    [
      ['--retry', '0', '--retry-delay', '1.5', '--retry-max-time', '1m', '--retry-all-errors'],
      {'retry.attempts': 0, 'retry.delay': 1.5, 'retry.maxTime': 60, 'retry.allErrors': true}
    ],
    [
      ['--max-redirs', '0', '--allow-downgrade', '--location-trusted'],
      {'redirects.max': 0, 'redirects.allowDowngrade': true, 'redirects.trusted': true}
    ],
    [['--no-location'], {'redirects.follow': false}],
    [['--no-location', '-L'], {'redirects.follow': true}],
    [['-4', '-6', '--http2', '--http1.1'], {'network.family': 6, 'network.http2': false}],
    [
      ['--resolve', 'files.test:443:127.0.0.1,[::1]'],
      {'network.resolve.files.test:443': ['127.0.0.1', '::1']}
    ],
    [['--interface', '127.0.0.1'], {'network.localAddress': '127.0.0.1'}],
    [
      ['--resumable', 'ietf', '--upload-mode', 'careful', '--interop-version', '6'],
      {'uploads.resumable': 'ietf', 'uploads.mode': 'careful', 'uploads.interopVersion': 6}
    ],
    [['--expect100-timeout', '0.5'], {'uploads.expectTimeout': 0.5}],
    [['--no-store'], {'cache.store': false}],
    [
      [
        '--on-redirect',
        '/a',
        '--on-challenge',
        '/b',
        '--on-response',
        '/c',
        '--on-cache',
        '/d',
        '--on-complete',
        '/e'
      ],
      {
        'hooks.onRedirect': '/a',
        'hooks.onChallenge': '/b',
        'hooks.onResponse': '/c',
        'hooks.onCache': '/d',
        'hooks.onComplete': '/e'
      }
    ]
  ])('becomes the key that it means: %j', async (words, values) => {
    expect(await valuesOf(...words)).toEqual(values)
  })

  it('as a pin becomes the digest, so that the file may change or go', async () => {
    expect(await valuesOf('--pinnedpubkey', certificates.good.certPath)).toEqual({
      'tls.pins': [expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/)]
    })
  })

  it('as -n becomes the file of this user', async () => {
    expect(await valuesOf('-n')).toEqual({'credentials.netrc': join(process.env['HOME'] ?? '', '.netrc')})
  })

  it.each([
    [['-u', `ana:${literalSecret}`], /NAME:PASSWORD/],
    [['--oauth2-bearer', literalSecret2], /reference/],
    [['-H', `Cookie: a=${literalSecret3}`], /never stored/],
    [['-b', `a=${literalSecret4}`], /never stored/],
    [['--cert', `/c.pem:${literalSecret5}`], /reference/],
    [['--proxy-user', `ana:${literalSecret6}`], /NAME:PASSWORD/],
    [['-x', `http://ana:${literalSecret7}@127.0.0.1:3128`], /proxy\.url/],
    [['-H', 'X-Team:'], /cannot leave out/],
    [['--cacert', '/a', '--capath', '/b'], /one of/],
    [['--idle-timeout', 'soon'], /timeouts\.idle/]
  ])(
    'is refused where a session cannot have that, and secrets are not repeated: %j',
    async (words, message) => {
      await expect(valuesOf(...words)).rejects.toMatchObject({
        message: expect.stringMatching(message)
      })
      await expect(valuesOf(...words)).rejects.toMatchObject({message: expect.not.stringContaining('canary')})
    }
  )
})
