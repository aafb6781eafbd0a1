import {describe, expect, it} from 'vitest'
import {readHookCommand} from '../../src/cli/hook-command.ts'
import {TransferError} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'

const wordSecret = canary('word')

function wordsOf(command: string): readonly string[] {
  const {program, words} = readHookCommand('--on-redirect', command)
  return [program, ...words]
}

function refusalOf(command: string): unknown {
  try {
    return readHookCommand('--on-redirect', command)
  } catch (error) {
    return error
  }
}

describe('the command of a hook', () => {
  it.each([
    ['plain words', 'jq -c .x', ['jq', '-c', '.x']],
    ['blanks and tabs around and between', '  a \t b  ', ['a', 'b']],
    ['single quotes, nothing active inside', `sh -c 'a "$b" \\ | c'`, ['sh', '-c', 'a "$b" \\ | c']],
    ['double quotes', `a "b 'c' | d"`, ['a', `b 'c' | d`]],
    ['escapes inside double quotes', String.raw`a "\"b\" \\ \n \$"`, ['a', String.raw`"b" \ \n $`]],
    ['escapes outside quotes', String.raw`a b\ c \| \$x`, ['a', 'b c', '|', '$x']],
    ['words of several pieces', `a"b"'c'd`, ['abcd']],
    ['an empty word', `a '' ""`, ['a', '', '']],
    ['a continued line', 'a \\\nb "c\\\nd"', ['a', 'b', 'cd']],
    ['a home and a comment that are none inside a word', 'a b~c d#e', ['a', 'b~c', 'd#e']],
    ['characters beyond the basic plane', 'a 𝒃', ['a', '𝒃']]
  ])('is split as a shell splits it: %s', (_case, command, words) => {
    expect(wordsOf(command)).toEqual(words)
  })

  it.each([
    'a | b',
    'a > b',
    'a < b',
    'a; b',
    'a & b',
    'a && b',
    'a $b',
    'a "$b"',
    'a `b`',
    'a "`b`"',
    'a *',
    'a ?',
    'a [b]',
    '(a)',
    'a ~/b',
    'a #b',
    'a\nb',
    'B=c a'
  ])('is refused where a shell would do something else with it: %j', command => {
    const refused = refusalOf(command)
    expect(refused).toBeInstanceOf(TransferError)
    expect(refused).toMatchObject({code: 'USAGE', hint: expect.stringContaining(`"sh -c '...'"`) as string})
  })

  it.each(['', '  ', `''`, `a 'b`, 'a "b', 'a "b\\', 'a b\\'])(
    'is refused where it is no command: %j',
    command => {
      expect(() => readHookCommand('--on-redirect', command)).toThrow(TransferError)
    }
  )

  it('is not repeated in the message, as it may hold a secret', () => {
    for (const command of [`${wordSecret} | a`, `a '${wordSecret}`]) {
      const refused = refusalOf(command)
      expect(refused).toBeInstanceOf(TransferError)
      expect(JSON.stringify([String(refused), refused])).not.toContain('canary')
    }
  })
})
