import {truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {dataAmong, readData} from '../../src/cli/data-argument.ts'
import {planUpload} from '../../src/cli/plan-upload.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {uploadFlags} from '../../src/cli/transfer-flags.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const content = 'one\r\ntwo & three\n'

function fileWith(text: string): string {
  const path = join(scratchFolder(), 'data')
  writeFileSync(path, text)
  return path
}

async function dataOf(...argv: readonly string[]): Promise<string> {
  const source = await readData(dataAmong(readWords(argv, uploadFlags).given))
  return source.kind === 'data' ? Buffer.from(source.data).toString() : source.kind
}

describe('The data of -d', () => {
  it('is not read where it is larger than memory takes, which is said with what to do instead', async () => {
    const file = fileWith('')
    truncateSync(file, 2 ** 31 + 1)
    await expect(dataOf('-d', `@${file}`)).rejects.toMatchObject({
      code: 'READ_FAILED',
      hint: expect.stringContaining('--data-binary @FILE') as string
    })
    expect(await dataOf('--data-binary', `@${file}`)).toBe('file')
  })

  it.each<[readonly string[], string]>([
    [['-d', 'a=1'], 'a=1'],
    [['-d', ''], ''],
    [['-d', 'a=1', '-d', 'b=2'], 'a=1&b=2'],
    [['-d', '', '-d', 'b=2'], 'b=2'],
    [['-d', 'a=1', '--data-urlencode', 'b= ', '--data-raw', '@c', '--data-ascii', 'd'], 'a=1&b=+&@c&d'],
    [['-d', '@FILE'], 'onetwo & three'],
    [['--data-ascii', '@FILE'], 'onetwo & three'],
    [['--data-binary', '@FILE', '-d', 'x'], `${content}&x`],
    [['--data-raw', '@FILE'], '@FILE'],
    [['--data-binary', ' @FILE'], ' @FILE']
  ])('is what curl sends for the same words: %j', async (argv, expected) => {
    const file = fileWith(content)
    const words = argv.map(word => (word.startsWith('@FILE') && argv[0] !== '--data-raw' ? `@${file}` : word))
    expect(await dataOf(...words)).toBe(expected)
  })

  it('is counted in bytes, not in characters', async () => {
    expect(Buffer.byteLength(await dataOf('-d', 'é=ü'))).toBe(5)
  })

  it.each([
    ['a b/é', 'a+b%2F%C3%A9'],
    ['=a&b=c', 'a%26b%3Dc'],
    ['na me=a&b', 'na me=a%26b'],
    ['unreserved=aZ9-._~', 'unreserved=aZ9-._~'],
    ['@FILE', 'one%0D%0Atwo+%26+three%0A'],
    ['name@FILE', 'name=one%0D%0Atwo+%26+three%0A'],
    ['name=@FILE', 'name=%40FILE'],
    ['', '']
  ])('is escaped with --data-urlencode, the name left as it is: %j', async (word, expected) => {
    const file = fileWith(content)
    expect(await dataOf('--data-urlencode', word.replace(/^(name)?@FILE$/, `$1@${file}`))).toBe(expected)
  })

  it('stays a file where that is all there is, and is sent as it is', async () => {
    const file = fileWith(content)
    const words = readWords(['--data-binary', `@${file}`, 'http://127.0.0.1:9/'], uploadFlags)
    const {uploads} = await planUpload(words)
    expect(uploads).toMatchObject([{request: {method: 'POST'}, source: {kind: 'file', path: file}}])
  })
})

describe('The type of the data', () => {
  const headersOf = async (...argv: readonly string[]): Promise<unknown> => {
    const words = readWords([...argv, 'http://127.0.0.1:9/'], uploadFlags)
    return (await planUpload(words)).uploads[0]?.request.headers
  }

  it('is that of a web form, unless -H gives one, or takes it away', async () => {
    expect(await headersOf('-d', 'a')).toEqual([['Content-Type', 'application/x-www-form-urlencoded']])
    expect(await headersOf('-d', 'a', '-H', 'content-type: text/x')).toEqual([['content-type', 'text/x']])
    expect(await headersOf('-d', 'a', '-H', 'Content-Type:')).toEqual([['Content-Type', '']])
    expect(await headersOf('-F', 'a=b')).toEqual([])
  })
})
