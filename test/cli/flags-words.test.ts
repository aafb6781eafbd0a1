import {Parser} from '@oclif/core'
import {describe, expect, it} from 'vitest'
import {explainTransferFlag, refuseMisreadWords} from '../../src/cli/foreign-spellings.ts'
import {oclifFlags} from '../../src/cli/oclif-command.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {getFlags} from '../../src/cli/transfer-flags.ts'

const url = 'http://localhost/file'
const read = (...argv: string[]) => {
  const {flags, operands} = readWords(argv, getFlags, explainTransferFlag)
  return {flags, operands}
}

describe('The words of a command line', () => {
  it('are read as curl reads them: clusters, glued values, flags behind operands', () => {
    expect(read('-fsSL', '-oF', url, '--retry', '5', '-C', '-')).toEqual({
      flags: {
        fail: true,
        silent: true,
        'show-error': true,
        location: true,
        output: ['F'],
        retry: '5',
        'continue-at': '-'
      },
      operands: [url]
    })
    expect(read('-qo-', url).flags).toEqual({quiet: true, output: ['-']})
    expect(read('--output=a=b', url).flags).toEqual({output: ['a=b']})
  })

  it('end the flags at --, and let - stand for itself', () => {
    expect(read('--', '-o', url)).toEqual({flags: {}, operands: ['-o', url]})
    expect(read('-', url).operands).toEqual(['-', url])
  })

  it('take the last of several, but collect what may be repeated', () => {
    expect(read('--retry', '1', '--retry', '2').flags).toEqual({retry: '2'})
    expect(read('-H', 'A: 1', '-H', 'B: 2').flags).toEqual({header: ['A: 1', 'B: 2']})
    expect(read('--http2', '--http1.1').flags).toEqual({'http1.1': true})
    expect(read('-4', '-6').flags).toEqual({ipv6: true})
  })

  it('may give values that look like flags', () => {
    expect(read('-H', '-x', '-A', '--silent').flags).toEqual({header: ['-x'], 'user-agent': '--silent'})
    expect(read('--user=-k:--retry').flags).toEqual({user: '-k:--retry'})
  })

  it.each([
    [['-o'], /-o\/--output needs a value: FILE/],
    [['--silent=yes'], /--silent takes no value/],
    [['--if-exists', 'perhaps'], /must be one of fail, replace, rename, skip, verify/],
    [['--sillent'], /There is no flag --sillent/],
    [['-fs?'], /There is no flag -\?/],
    [['--metalink', 'F'], /--metalink is not available in this version/]
  ])('stop with exit 2 where they mean nothing: %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(
      expect.objectContaining({code: 'USAGE', message: expect.stringMatching(message)})
    )
  })

  it('suggest the flag that was meant', () => {
    expect(() => read('--if-exist', 'skip')).toThrow(
      expect.objectContaining({hint: 'Did you mean --if-exists?'})
    )
    expect(() => read('--nothing-like-it')).toThrow(expect.objectContaining({hint: undefined}))
  })

  it('never repeat a value in a message, because it may be a secret', () => {
    for (const argv of [
      ['--user', 's3cret', '--nope'],
      ['--progress', 's3cret'],
      ['--http2=s3cret'],
      ['--nope=s3cret']
    ]) {
      expect(() => read(...argv)).toThrow(
        expect.objectContaining({message: expect.not.stringContaining('s3cret')})
      )
    }
  })
})

describe("oclif's parser, with the flags of the same table,", () => {
  it.each([
    ['-fsSL', '-oF', url, '--retry', '5', '-C', '-'],
    ['-qo-', url],
    [url, '-H', 'A: 1', '-H', 'B: 2', '--output=x=y'],
    ['-4', '-I', '--if-exists', 'skip', url],
    ['--tlsv1.3', '--http1.1', '-w', '%{http_code}', '--', url]
  ])('agrees on %j %j %j', async (...argv) => {
    const parsed = await Parser.parse([...argv], {flags: oclifFlags(getFlags), strict: false, '--': true})
    const words = read(...argv)
    expect(parsed.flags).toEqual(words.flags)
    expect(parsed.argv).toEqual(words.operands)
  })
})

describe('Spellings of other tools', () => {
  it.each([
    ['-nc', '--if-exists skip'],
    ['-N', '--if-changed'],
    ['-t', '--retry'],
    ['--tries=3', '--retry'],
    ['-T', '--idle-timeout'],
    ['--read-timeout=5', '--idle-timeout'],
    ['-qO-', '-o -'],
    ['-d', 'ferry upload'],
    ['--data-raw', 'ferry upload'],
    ['--json={}', 'ferry upload'],
    ['-K', 'flags themselves'],
    ['--no-check-certificate', '-k'],
    ['--max-connection-per-server=4', '--parallel-max-host'],
    ['--recursive', 'not whole sites'],
    ['--daemon=true', '--background'],
    ['--on-download-complete=done', '--on-complete']
  ])('stop with the right one: %s', (word, hint) => {
    expect(() => read(word, 'x', url)).toThrow(
      expect.objectContaining({code: 'USAGE', hint: expect.stringContaining(hint)})
    )
  })

  it.each([
    [['-O', 'file.tar', url], '-o FILE'],
    [['-b', url], "wget's -b is --background here"],
    [['-i', url], '--show-headers'],
    [['-c', 'cookies.txt', url], '--cookie-jar'],
    [['--json', '{"a":1}', url], 'ferry upload'],
    [['-r', url], 'not whole sites'],
    [['-j', url], 'session cookies']
  ])('stop also where they could be read: %j', (argv, hint) => {
    expect(() => refuseMisreadWords(argv, read(...argv).operands)).toThrow(
      expect.objectContaining({code: 'USAGE', hint: expect.stringContaining(hint)})
    )
  })

  it.each([
    [['-fsSLO', url]],
    [['-O', 'localhost/file', '-O', url]],
    [['-c', url]],
    [['--json', url]],
    [['-r', '0-9', url]],
    [['-b', 'a=b', url]],
    [['-i', 'urls.txt']],
    [['--', '-i', url]]
  ])('do not get in the way of what is right: %j', argv => {
    expect(() => refuseMisreadWords(argv, read(...argv).operands)).not.toThrow()
  })
})
