import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  ntlmInside,
  ntlmOutside,
  ntlmWish
} from '../../../src/engine/exchange/authentication/ntlm-in-spnego.ts'

const message = (length: number): Buffer =>
  Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.alloc(length - 8, 7)])

describe('NTLM in SPNEGO', () => {
  it('is found in the first token of GSSAPI', () => {
    // NegTokenInit as MIT Kerberos makes it, offering NTLM alone.
    const first =
      'YEgGBisGAQUFAqA+MDygDjAMBgorBgEEAYI3AgIKoioEKE5UTE1TU1AAAQAAABeCCOIAAAAAAAAAAAAAAAAAAAAABgIAAAAAAA8='
    const inside = Buffer.from(ntlmInside(first) ?? '', 'base64')
    expect(inside.length).toBe(40)
    expect(inside.readUInt32LE(8)).toBe(1)
  })

  it.each([8, 100, 127, 128, 200, 255, 256, 4000])('keeps a message of %i bytes as it is', length => {
    const text = message(length).toString('base64')
    expect(ntlmInside(ntlmOutside(text))).toBe(text)
  })

  it('is not what carries no message, or one of Kerberos', () => {
    const kerberos = Buffer.from('6082', 'hex').toString('base64')
    expect(ntlmInside(ntlmWish)).toBeUndefined()
    expect(ntlmInside(ntlmOutside(kerberos))).toBeUndefined()
    expect(ntlmInside('')).toBeUndefined()
  })

  it('is not found in bytes that mean nothing, whatever lengths they claim', () => {
    const whole = Buffer.from(ntlmOutside(message(40).toString('base64')), 'base64')
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (position, value) => {
        const damaged = Buffer.from(whole)
        damaged[position] = value
        const found = ntlmInside(damaged.toString('base64'))
        return found === undefined || Buffer.from(found, 'base64').toString('latin1').startsWith('NTLMSSP\0')
      })
    )
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 64}), bytes => {
        ntlmInside(Buffer.from(bytes).toString('base64'))
      })
    )
  })
})
