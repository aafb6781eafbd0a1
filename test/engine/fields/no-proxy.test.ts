import {expect, it} from 'vitest'
import fc from 'fast-check'
import {bypassesProxy} from '../../../src/engine/fields/no-proxy.ts'

it.each<[list: string, host: string, port: number, isDirect: boolean]>([
  ['', 'example.com', 80, false],
  [' , ,', 'example.com', 80, false],
  ['*', 'example.com', 80, true],
  ['*', '[::1]', 80, true],
  // Names hold for what lies below them, with or without a dot or a star before.
  ['example.com', 'example.com', 80, true],
  ['example.com', 'www.example.com', 80, true],
  ['.example.com', 'www.example.com', 80, true],
  ['.example.com', 'example.com', 80, true],
  ['*.example.com', 'a.b.example.com', 80, true],
  ['example.com', 'badexample.com', 80, false],
  ['example.com', 'example.com.evil.net', 80, false],
  ['example.com', 'com', 80, false],
  ['.', 'example.com', 80, false],
  // Case and a dot at the end do not matter, on either side.
  ['EXAMPLE.com.', 'www.example.COM.', 80, true],
  // Several, between commas or blanks.
  ['a.test, b.test\tc.test', 'b.test', 80, true],
  ['a.test b.test', 'd.test', 80, false],
  // Ports.
  ['example.com:8080', 'example.com', 8080, true],
  ['example.com:8080', 'example.com', 80, false],
  ['10.1.2.3:443', '10.1.2.3', 443, true],
  ['10.1.2.3:443', '10.1.2.3', 80, false],
  ['[::1]:443', '[::1]', 443, true],
  ['[::1]:443', '[::1]', 80, false],
  // This machine only where it is named.
  ['localhost', 'localhost', 80, true],
  ['example.com', 'localhost', 80, false],
  ['localhost', '127.0.0.1', 80, false],
  // Addresses, in whatever way they are written.
  ['127.0.0.1', '127.0.0.1', 80, true],
  ['127.0.0.1', '127.0.0.2', 80, false],
  ['0.0.1', '127.0.0.1', 80, false],
  ['.0.0.1', '127.0.0.1', 80, false],
  ['::1', '[::1]', 80, true],
  ['[::1]', '[::1]', 80, true],
  ['0:0:0:0:0:0:0:1', '[::1]', 80, true],
  ['2001:DB8::00ff', '[2001:db8:0:0:0:0:0:ff]', 80, true],
  ['2001:db8::ff', '[2001:db8::fe]', 80, false],
  ['10.0.0.1', '[::ffff:a00:1]', 80, true],
  ['::ffff:10.0.0.1', '10.0.0.1', 80, true],
  // CIDR.
  ['10.0.0.0/8', '10.200.3.4', 80, true],
  ['10.0.0.0/8', '11.0.0.1', 80, false],
  ['192.168.4.0/22', '192.168.7.255', 80, true],
  ['192.168.4.0/22', '192.168.8.0', 80, false],
  ['0.0.0.0/0', '8.8.8.8', 80, true],
  ['0.0.0.0/0', '[::1]', 80, false],
  ['0.0.0.0/0', 'example.com', 80, false],
  ['10.1.2.3/32', '10.1.2.3', 80, true],
  ['10.1.2.3/33', '10.1.2.3', 80, false],
  ['2001:db8::/33', '[2001:db8:7fff::1]', 80, true],
  ['2001:db8::/33', '[2001:db8:8000::1]', 80, false],
  ['::/0', '[2001:db8::1]', 80, true],
  ['fe80::/10', '[febf::1]', 80, true],
  ['example.com/8', 'example.com', 80, false],
  // What cannot be read holds for nothing.
  ['1.2.3.256', '1.2.3.256', 80, true],
  ['1::2::3', '[1::2]', 80, false],
  ['10.0.0.0/', '10.0.0.0', 80, false],
  ['[::1', '[::1]', 80, false]
])('a list "%s" asks %s port %i directly: %s [P11]', (list, host, port, isDirect) => {
  expect(bypassesProxy([list], {host, port})).toBe(isDirect)
})

it('an address is in every range that is cut from it, and in none that differs within the prefix', () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  fc.assert(
    fc.property(address, fc.integer({min: 1, max: 32}), (parts, prefix) => {
      const host = parts.join('.')
      expect(bypassesProxy([`${host}/${prefix}`], {host, port: 80})).toBe(true)
      const index = Math.floor((prefix - 1) / 8)
      const bit = 128 >> ((prefix - 1) % 8)
      const other = parts.map((part, at) => (at === index ? part ^ bit : part)).join('.')
      expect(bypassesProxy([`${host}/${prefix}`], {host: other, port: 80})).toBe(false)
    })
  )
})

it('never throws, and takes any text for a list and a host', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (list, host) => {
      expect(typeof bypassesProxy([list], {host, port: 80})).toBe('boolean')
    })
  )
})
