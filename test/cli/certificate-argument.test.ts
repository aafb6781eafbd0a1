import {expect, it} from 'vitest'
import {splitCertificateArgument} from '../../src/cli/client-certificate.ts'

it.each([
  ['me.pem', {file: 'me.pem'}],
  ['me.pem:word', {file: 'me.pem', passphrase: 'word'}],
  ['me.pem:a:b\\c', {file: 'me.pem', passphrase: 'a:b\\c'}],
  ['me.pem:env:PASS', {file: 'me.pem', passphrase: 'env:PASS'}],
  ['me.pem:', {file: 'me.pem', passphrase: ''}],
  ['a\\:b.pem:word', {file: 'a:b.pem', passphrase: 'word'}],
  ['a\\\\:word', {file: 'a\\', passphrase: 'word'}],
  ['a\\b.pem', {file: 'a\\b.pem'}],
  ['a\\', {file: 'a\\'}],
  ['C:\\keys\\me.pem:word', {file: 'C:\\keys\\me.pem', passphrase: 'word'}],
  ['C:/keys/me.pem', {file: 'C:/keys/me.pem'}],
  ['c:word', {file: 'c', passphrase: 'word'}]
])('the first bare colon of --cert ends the name, but not that of a drive: %s', (given, expected) => {
  expect(splitCertificateArgument(given)).toEqual(expected)
})
