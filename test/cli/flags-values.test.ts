import fc from 'fast-check'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {findChecksum, readChecksums} from '../../src/cli/checksum-argument.ts'
import {batchExitCode, exitCodes, outcomeExitCode} from '../../src/cli/exit-codes.ts'
import {readFirstWord} from '../../src/cli/first-word.ts'
import {unknownCommand} from '../../src/cli/unknown-command.ts'
import {parseHeaderLine, readHeaders} from '../../src/cli/header-argument.ts'
import {parseInputFile} from '../../src/cli/input-file.ts'
import {parseDuration} from '../../src/cli/parse-duration.ts'
import {parseResolve} from '../../src/cli/parse-resolve.ts'
import {parseSize} from '../../src/cli/parse-size.ts'
import {readSecret} from '../../src/cli/secret-argument.ts'
import {TransferError} from '../../src/engine/index.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const usage = expect.objectContaining({code: 'USAGE'})

describe('A size', () => {
  it.each([
    ['500', 500],
    ['64k', 65_536],
    ['1.5M', 1_572_864],
    ['2g', 2_147_483_648],
    ['1T', 1_099_511_627_776],
    ['0', 0]
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each(['', 'k', '-1', '1e3', '0x10', '1 k', '1kk', '99999999T', 'NaN'])('is not %j', text =>
    expect(parseSize(text)).toBeUndefined()
  )
})

describe('A duration', () => {
  it.each([
    ['30', 30],
    ['1.5', 1.5],
    ['1m30s', 90],
    ['2h', 7200],
    ['7d', 604_800],
    ['500ms', 0.5]
  ])('%s is %d seconds', (text, seconds) => expect(parseDuration(text)).toBeCloseTo(seconds))

  it.each(['', '-1', 'm', '1x', '1m 30s', '1m30', 'Infinity'])('is not %j', text =>
    expect(parseDuration(text)).toBeUndefined()
  )

  it('and a size are read from any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const values = [parseSize(text), parseDuration(text)]
        return values.every(value => value === undefined || (Number.isFinite(value) && value >= 0))
      })
    )
  })
})

describe('A header of -H', () => {
  it('has a value, is empty with a semicolon, and is left out with a bare colon', () => {
    expect(parseHeaderLine('X-Name: a: b ')).toEqual({kind: 'present', field: ['X-Name', 'a: b']})
    expect(parseHeaderLine('X-Name;')).toEqual({kind: 'present', field: ['X-Name', '']})
    expect(parseHeaderLine('Accept:')).toEqual({kind: 'absent', name: 'Accept'})
  })

  it.each(['X-Name', 'bad name: x', 'A: b\r\nEvil: c', 'Content-Length: 5', ': x'])('is refused: %j', line =>
    expect(() => parseHeaderLine(line)).toThrow(usage)
  )

  it('may come from a file, a line each', async () => {
    const file = join(scratchFolder(), 'headers')
    writeFileSync(file, 'A: 1\r\n\nB: 2\n')
    expect((await readHeaders([`@${file}`, 'C: 3'])).length).toBe(3)
    await expect(readHeaders(['@/nowhere/at/all'])).rejects.toMatchObject({code: 'READ_FAILED'})
  })
})

describe('A secret', () => {
  it('is read from a file without its line end, or from the environment, and is private then', async () => {
    const file = join(scratchFolder(), 'secret')
    writeFileSync(file, 'name:word\nmore\n')
    expect(await readSecret('-u', `@${file}`)).toEqual({value: 'name:word', exposure: 'private'})
    expect(await readSecret('-u', 'env:PATH')).toEqual({value: process.env['PATH'], exposure: 'private'})
    expect(await readSecret('-u', 'name:word')).toEqual({value: 'name:word', exposure: 'commandLine'})
  })

  it('that is missing stops the command, without naming anything', async () => {
    await expect(readSecret('-u', 'env:FERRY_NO_SUCH_VARIABLE')).rejects.toEqual(usage)
  })
})

describe('An input file', () => {
  it('has a URL a line, and comments', () => {
    expect(parseInputFile('\uFEFF# list\nhttp://localhost/a\r\n\n  http://localhost/b  \n')).toEqual([
      'http://localhost/a',
      'http://localhost/b'
    ])
  })

  it("is refused where it has aria2's option lines, which would send files elsewhere", () => {
    expect(() => parseInputFile('http://localhost/a\n  out=b\n')).toThrow(usage)
  })
})

describe('A checksum', () => {
  const hex = 'ab'.repeat(32)

  it('is a digest in full length, or the address of a list', () => {
    expect(readChecksums({checksum: [`sha-256=${hex}`, 'https://localhost/SUMS'], sha256: [hex]})).toEqual([
      {kind: 'digest', checksum: {algorithm: 'sha256', value: hex}},
      {kind: 'list', url: 'https://localhost/SUMS'},
      {kind: 'digest', checksum: {algorithm: 'sha256', value: hex}}
    ])
    expect(() => readChecksums({sha256: [hex.slice(1)]})).toThrow(usage)
    expect(() => readChecksums({checksum: [`crc9:${hex}`]})).toThrow(usage)
  })

  it.each([
    ['GNU', `${'00'.repeat(32)}  other\n${hex}  disk.iso\n`],
    ['GNU, binary', `${hex} *./disk.iso\n`],
    ['BSD', `SHA256 (disk.iso) = ${hex}\n`],
    ['bare', `${hex}\n`]
  ])('is found in a list: %s', (_form, list) =>
    expect(findChecksum(list, 'disk.iso')).toEqual({algorithm: 'sha256', value: hex})
  )

  it('is not taken from the line of another file', () => {
    expect(findChecksum(`${hex}  disk.iso.sig\n`, 'disk.iso')).toBeUndefined()
    expect(findChecksum(`${hex}  a\n${hex}  b\n`, 'disk.iso')).toBeUndefined()
  })
})

describe('--resolve', () => {
  it('names a host, a port and addresses of both families', () => {
    expect(parseResolve(['Example.test:443:127.0.0.1,[::1]'])).toEqual({
      'example.test:443': ['127.0.0.1', '::1']
    })
  })

  it.each(['example.test:443', 'example.test:443:name', ':443:127.0.0.1'])('is refused: %s', entry =>
    expect(() => parseResolve([entry])).toThrow(usage)
  )
})

describe('The first word', () => {
  it.each([
    [['http://localhost/a'], {id: 'get', argv: ['http://localhost/a']}],
    [['localhost:8080/a'], {id: 'get', argv: ['localhost:8080/a']}],
    [['-o', 'F', 'localhost/a'], {id: 'get', argv: ['-o', 'F', 'localhost/a']}],
    [['get', 'tasks'], {id: 'get', argv: ['tasks']}],
    [['tasks', '--all'], {id: 'tasks', argv: ['--all']}],
    [['--help'], {kind: 'help'}],
    [['-h'], {kind: 'help', argv: ['--help']}],
    [['help', 'get'], {kind: 'help', argv: ['get', '--help']}],
    [[], {kind: 'help'}],
    [['tsaks'], {kind: 'unknown'}],
    [['intranet'], {kind: 'unknown'}]
  ])('of %j means %j', (argv, meaning) => expect(readFirstWord(argv)).toMatchObject(meaning))

  it('that is misspelt brings the command that was meant', () => {
    for (const word of ['tsaks', 'task', 'taskss', 'tosks']) {
      expect(readFirstWord([word])).toMatchObject({near: 'tasks'})
    }
    expect(readFirstWord(['frobnicate'])).toMatchObject({near: undefined})
  })

  it.each([
    ['put', 'Did you mean: ferry upload'],
    ['ls', 'Did you mean: ferry tasks'],
    ['tsaks', 'Did you mean: ferry tasks'],
    ['frobnicate', 'See the commands with: ferry --help']
  ])('brings the command that does what is called so elsewhere: %s', (word, hint) => {
    const first = readFirstWord([word])
    if (first.kind !== 'unknown') throw new Error(`${word} is known`)
    expect(unknownCommand(first)).toMatchObject({code: 'USAGE', hint})
  })
})

describe('The exit code', () => {
  it('of many transfers is the one reason they share, and 117 where they differ', () => {
    expect(batchExitCode([])).toBe(0)
    expect(batchExitCode([0, 22, 0, 22])).toBe(22)
    expect(batchExitCode([22, 6])).toBe(117)
  })

  it('of an end is that of its error, 114 when paused and 115 when cancelled', () => {
    expect(outcomeExitCode({state: 'completed'})).toBe(0)
    expect(outcomeExitCode({state: 'paused'})).toBe(114)
    expect(outcomeExitCode({state: 'cancelled'})).toBe(115)
    const error = new TransferError('CHECKSUM_MISMATCH', 'The file is another one')
    expect(outcomeExitCode({state: 'failed', error})).toBe(exitCodes.CHECKSUM_MISMATCH)
  })
})
