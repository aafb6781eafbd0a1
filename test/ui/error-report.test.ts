import {describe, expect, it} from 'vitest'
import {explainError} from '../../src/ui/error-report.ts'

const advice = (code: string) => (code === 'HTTP_STATUS' ? 'Check the address.' : undefined)

describe('explainError', () => {
  it('says what failed, why, and what to do next, with secrets masked and controls escaped', () => {
    const failure = {
      code: 'HTTP_STATUS',
      message: 'The server answered 404 \x1B[31mNot Found',
      url: 'https://user:word@127.0.0.1/f?token=abc',
      method: 'GET'
    }
    const lines = explainError(failure, advice)
    expect(lines).toEqual([
      expect.stringMatching(/^Failed: GET https:\/\/\S*@127\.0\.0\.1\/f\?token=\*+$/),
      'Why: The server answered 404 ^[[31mNot Found (HTTP_STATUS)',
      'Next: Check the address.'
    ])
    expect(lines.join('\n')).not.toMatch(/word|abc/)
  })

  it('prefers the hint of the failure to the advice of its code', () => {
    const failure = {code: 'HTTP_STATUS', message: 'No', url: 'http://127.0.0.1/', hint: 'Log in first.'}
    expect(explainError(failure, advice).at(-1)).toBe('Next: Log in first.')
  })

  it('needs two lines at most where no request was made', () => {
    expect(explainError({code: 'USAGE', message: 'Unknown flag'}, advice)).toEqual([
      'Failed: Unknown flag (USAGE)'
    ])
  })

  it('shows the beginning of an error page, line by line, but not more than a kibibyte', () => {
    const failure = {code: 'HTTP_STATUS', message: 'No', url: 'http://127.0.0.1/'}
    expect(explainError({...failure, body: 'gone\n\tfor \x1B[2Jgood\n'}, advice).slice(2, 5)).toEqual([
      'The answer says:',
      '  gone',
      '      for ^[[2Jgood'
    ])
    const long = explainError({...failure, body: 'ä'.repeat(2000)}, advice)
    expect(long[2]).toBe('The answer begins:')
    expect(long[3]).toBe(`  ${'ä'.repeat(512)}`)
    const cut = explainError({...failure, body: `x${'ä'.repeat(2000)}`}, advice)
    expect(cut[3]).toBe(`  x${'ä'.repeat(511)}`)
  })

  it.each(['', '  \n', 'PNG\0\0', '\uFFFD\uFFFD\uFFFDa\x02\x03'])(
    'shows no error page that is not text: %j',
    body => {
      const lines = explainError({code: 'HTTP_STATUS', message: 'No', url: 'http://127.0.0.1/', body}, advice)
      expect(lines).toHaveLength(3)
    }
  )
})
