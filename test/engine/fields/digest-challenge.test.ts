import {describe, expect, it} from 'vitest'
import {parseAuthenticationInfo} from '../../../src/engine/fields/authentication-info.ts'
import {readDigestChallenge} from '../../../src/engine/fields/digest-challenge.ts'
import {parseChallenges} from '../../../src/engine/fields/www-authenticate.ts'

function read(text: string) {
  const challenge = parseChallenges([text])[0]
  return challenge && readDigestChallenge(challenge)
}

describe('a Digest challenge', () => {
  it('has defaults for what it does not say (RFC 7616, 3.3)', () => {
    expect(read('Digest realm="r", nonce="n"')).toEqual({
      realm: 'r',
      nonce: 'n',
      opaque: undefined,
      hash: 'MD5',
      isSession: false,
      algorithm: undefined,
      qop: undefined,
      userHash: false,
      isUnicode: false,
      isStale: false
    })
  })

  it('is read in any case', () => {
    const challenge =
      'digest REALM="r", Nonce="n", algorithm=sha-256-SESS, qop="AUTH-INT", stale=TRUE, userhash=True, charset=utf-8'
    expect(read(challenge)).toMatchObject({
      hash: 'SHA-256',
      isSession: true,
      qop: 'auth-int',
      isStale: true,
      userHash: true,
      isUnicode: true
    })
  })

  it.each([
    ['auth', '"auth"'],
    ['auth', '"auth-int, auth"'],
    ['auth', 'auth'],
    ['auth', '"token other auth"'],
    ['auth-int', '"auth-int"']
  ])('with several qualities of protection is answered with %s of %s', (expected, qop) => {
    expect(read(`Digest realm="r", nonce="n", qop=${qop}`)?.qop).toBe(expected)
  })

  it.each([
    'Basic realm="r"',
    'Digest realm="r"',
    'Digest nonce="n"',
    'Digest realm="r", nonce="n", algorithm=SHA-3',
    'Digest realm="r", nonce="n", algorithm=""',
    'Digest realm="r", nonce="n", qop="other"',
    'Digest abc=='
  ])('that cannot be answered is none: %s', text => {
    expect(read(text)).toBeUndefined()
  })
})

describe('what a server says after signing in', () => {
  it.each([
    ['nextnonce="a b", qop=auth, rspauth="00ff", nc=00000001', {nextNonce: 'a b', responseAuth: '00ff'}],
    ['', {nextNonce: undefined, responseAuth: undefined}],
    ['"', {nextNonce: undefined, responseAuth: undefined}]
  ])('is read: %j', (text, expected) => {
    expect(parseAuthenticationInfo(text)).toEqual(expected)
  })
})
