import {describe, expect, it} from 'vitest'
import type {ConfigurationChanges, DataOptions} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {respond} from '../../origin/handlers.ts'
import type {Origin, OriginOptions} from '../../origin/origin.ts'
import {startOrigin} from '../../origin/origin.ts'
import {challenge} from './guards.ts'
import type {Person} from './guards.ts'
import {visitor} from './visitor.ts'

interface Told {
  readonly schemes: readonly (string | undefined)[]
  readonly message: string | undefined
}

interface Scene {
  readonly origin?: OriginOptions
  /** What was asked for by Digest asks for Basic from then on. */
  readonly as: (ana: Person) => {changes?: ConfigurationChanges; options?: DataOptions}
}

async function told({origin: rules, as}: Scene): Promise<Told> {
  await using origin: Origin = await startOrigin(rules)
  const ana = {user: 'ana', password: canary('downgrade', origin)}
  origin.script('/F', [
    challenge('Digest realm="r", nonce="n", qop="auth"', 'Basic realm="r"'),
    challenge('Basic realm="r"'),
    respond(200, {}, 'in')
  ])
  const {changes, options} = as(ana)
  const {outcome} = await visitor(changes).get(origin.url('/F'), options)
  const schemes = origin.requests.map(request => request.header('authorization')?.replace(/ .*/, ''))
  return {schemes, message: outcome.error?.message}
}

const anyMethod = (ana: Person): {options: DataOptions} => ({
  options: {authentication: {credential: {kind: 'password', ...ana}, methods: 'any'}}
})

describe('a password that was used for Digest', () => {
  it.each<readonly [string, Scene['as']]>([
    ['of the task', anyMethod],
    ['of the session', ana => ({changes: {credentials: ana}})],
    [
      'of netrc',
      ({user, password}) => ({
        changes: {credentials: {netrc: `machine 127.0.0.1 login ${user} password ${password}`}},
        options: {authentication: {credential: undefined, methods: 'any'}}
      })
    ]
  ])('is not told in the open when Basic is asked for instead: %s', async (_whose, as) => {
    const {schemes, message} = await told({as})
    expect(schemes).toEqual([undefined, 'Digest'])
    expect(message).toContain('asks for the password in the open')
  })

  it('may be told over TLS', async () => {
    const {schemes} = await told({origin: {tls: 'good'}, as: anyMethod})
    expect(schemes).toEqual([undefined, 'Digest', 'Basic'])
  })
})
