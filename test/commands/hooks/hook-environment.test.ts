import {expect, it} from 'vitest'
import {hookEnvironment} from '../../../src/commands/transfer/hooks/hook-environment.ts'
import {canary} from '../../canary/canary.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../../src/engine/index.ts'

const secret = canary('environment')
const environment = {PATH: '/bin', LANG: 'C', PLACE: secret}

function seen(changes: ConfigurationChanges, flags = {}): NodeJS.ProcessEnv {
  const {keys} = SessionConfiguration.default(changes)
  return hookEnvironment(environment, {flags, keys})
}

it.each([
  ['the name of a flag', {}, {user: 'env:PLACE'}],
  ['one of several', {}, {header: ['Accept: */*', 'env:PLACE']}],
  ['a password of the session', {credentials: {user: 'ana', password: secret}}, {}],
  ['its token', {credentials: {bearer: secret}}, {}],
  ['the password of its proxy', {proxy: {user: 'ana', password: secret}}, {}],
  ['its passphrase', {tls: {passphrase: secret}}, {}],
  ['a header of it', {headers: {'X-Api-Key': secret}}, {}],
  ['a scheme and a header of it', {headers: {Authorization: `Bearer ${secret}`}}, {}],
  ['a rule for one host', {hosts: {'h.invalid': {credentials: {bearer: secret}}}}, {}]
])('a hook does not see a variable that has its secret by %s', (_way, changes, flags) => {
  expect(seen(changes, flags)).toEqual({PATH: '/bin', LANG: 'C'})
})

it.each<readonly [string, string, ConfigurationChanges]>([
  ['name and password', `ana:${secret}`, {credentials: {user: 'ana', password: secret}}],
  ['a whole header', `Bearer ${secret}`, {credentials: {bearer: secret}}],
  ['a short password', 'ana:pw', {credentials: {user: 'ana', password: 'pw'}}]
])('a hook does not see a variable that holds a secret beside other things: %s', (_what, value, changes) => {
  const {keys} = SessionConfiguration.default(changes)
  const environment = {PATH: '/bin', PAIR: value, OTHER: 'pwd'}
  expect(hookEnvironment(environment, {flags: {}, keys})).toEqual({PATH: '/bin', OTHER: 'pwd'})
})

it('a hook has the way to the network that the run has', () => {
  const proxy = {HTTPS_PROXY: `http://ana:${secret}@127.0.0.1:1`}
  const {keys} = SessionConfiguration.default({proxy: {user: 'ana', password: secret}})
  expect(hookEnvironment(proxy, {flags: {}, keys})).toEqual(proxy)
})

it('a hook sees all other variables', () => {
  expect(seen({headers: {'X-Language': secret}}, {output: 'PLACE'})).toEqual(environment)
})
