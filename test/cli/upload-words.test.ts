import {mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {describe, expect, it} from 'vitest'
import {planUpload} from '../../src/cli/plan-upload.ts'
import type {UploadPlan} from '../../src/cli/plan-upload.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {uploadFlags} from '../../src/cli/transfer-flags.ts'
import {explainUploadFlag, refuseMisreadUpload} from '../../src/cli/upload-spellings.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const url = 'http://127.0.0.1:9/files'

async function planned(...argv: readonly string[]): Promise<UploadPlan> {
  const words = readWords(argv, uploadFlags, explainUploadFlag)
  refuseMisreadUpload(argv, words.operands)
  return planUpload(words)
}

function fileNamed(name: string): string {
  const path = join(scratchFolder(), name)
  writeFileSync(path, 'content')
  return path
}

describe('The words of an upload', () => {
  it('are files and then one URL: PUT, of the file itself', async () => {
    const file = fileNamed('a.txt')
    const {uploads} = await planned(file, url)
    expect(uploads).toMatchObject([
      {request: {method: 'PUT', url: new URL(url), headers: []}, source: {kind: 'file', path: file}}
    ])
    expect(uploads[0]?.options.collection).toBeUndefined()
  })

  it.each([
    ['a b#c?d%é.txt', 'a%20b%23c%3Fd%25%C3%A9.txt'],
    ['a+b&c=d;e@f:g.txt', 'a%2Bb%26c%3Dd%3Be%40f%3Ag.txt'],
    ['%2e%2e', '%252e%252e']
  ])('give a file its name in a folder, escaped: %s', async (name, escaped) => {
    const {uploads} = await planned(fileNamed(name), `${url}/?v=1`)
    expect(uploads[0]?.request.url.href).toBe(`${url}/${escaped}?v=1`)
    expect(uploads[0]?.options.collection?.href).toBe(`${url}/?v=1`)
  })

  it('may be many files for one folder, from a list too', async () => {
    const files = [fileNamed('a'), fileNamed('b'), fileNamed('c')]
    const list = fileNamed('list')
    writeFileSync(list, `${files[1]}\r\n\n${files[2]}\n`)
    const {uploads} = await planned(files[0] ?? '', '-i', list, `${url}/`)
    expect(uploads.map(({request}) => request.url.href)).toEqual(
      ['a', 'b', 'c'].map(name => `${url}/${name}`)
    )
  })

  it('may be a list that is empty: nothing is sent, and that is said', async () => {
    expect(await planned('-i', '/dev/null', `${url}/`)).toMatchObject({
      uploads: [],
      warnings: [expect.stringContaining('list is empty')]
    })
  })

  it('may be - for standard input, with a length or without', async () => {
    const source = async (...argv: readonly string[]): Promise<unknown> =>
      (await planned(...argv, '-', url)).uploads[0]?.source
    expect(await source()).toEqual({kind: 'stream'})
    expect(await source('--length', '2k')).toEqual({kind: 'stream', length: 2048})
  })

  it('may stand behind -c, which continues, unless they look like the cookies of curl', async () => {
    const folder = scratchFolder()
    for (const name of ['build.txt', 'app.jar', 'cookies.txt']) writeFileSync(join(folder, name), '')
    for (const path of [join(folder, 'build.txt'), join(folder, 'app.jar'), 'LICENSE']) {
      expect((await planned('-qc', path, url)).uploads).toMatchObject([
        {source: {kind: 'file', path: resolve(path)}}
      ])
    }
    await expect(planned('-qc', join(folder, 'cookies.txt'), url)).rejects.toMatchObject({code: 'USAGE'})
  })

  it('take another method where one is given, but none that carries no content', async () => {
    const file = fileNamed('a')
    expect((await planned('-X', 'PATCH', file, url)).uploads[0]?.request.method).toBe('PATCH')
    for (const method of ['GET', 'HEAD', 'get', 'CONNECT', 'TRACE']) {
      await expect(planned('-X', method, file, url)).rejects.toMatchObject({code: 'USAGE'})
      await expect(planned('-X', method, '-d', 'x', url)).rejects.toMatchObject({code: 'USAGE'})
    }
  })

  it.each<[readonly string[], RegExp]>([
    [[], /nothing to upload/],
    [[url], /nothing to send there/],
    [['FILE'], /no URL to send it to/],
    [['FILE', 'FILE'], /names a file, not a URL/],
    [[url, 'FILE'], /URL comes last/],
    [['FILE', url, 'FILE'], /URL comes last/],
    [['FILE', url, url], /two URLs/],
    [['FILE', 'FILE', url], /ends in \//],
    [['FILE', 'example.test/x'], /no scheme/],
    [['FILE', 'localhost:8080'], /no scheme/],
    [['', url], /name of a file is empty/],
    [['-', 'FILE', `${url}/`], /alone/],
    [['-', `${url}/`], /no name/],
    [['-d', 'x'], /no URL to send -d to/],
    [['-d', 'x', 'FILE', url], /-d is sent instead of a file/],
    [['-F', 'a=b', '-', url], /-F is sent instead of a file/],
    [['-d', 'x', '-F', 'a=b', url], /exclude each other/],
    [['--length', '3', 'FILE', url], /--length goes with -/],
    [['--spool', '-d', 'x', url], /--spool goes with -/],
    [['-C', '5', 'FILE', url], /-C takes - only/],
    [['--connections', '0', 'FILE', url], /at least 1/],
    [['-o', 'A', '-o', 'B', 'FILE', url], /-o is given more than once/],
    [['--resume-data', 'R', 'FILE', 'FILE', `${url}/`], /one upload at a time/],
    [['--resumable', 'tus', '-d', 'x', url], /--resumable tus is for files: data/],
    [['--resumable', 'ietf', '-', url], /--resumable ietf is for files: standard input/],
    [['--connections', '2', '-F', 'a=b', url], /--connections is for files/],
    [['--resume-data', 'R', '-', url], /--resume-data is for files/],
    [['--json', '{"a":1}', url], /--json DATA means something else/],
    [['-v', 'upload', 'FILE', url], /comes before its flags/]
  ])('are explained where they make no upload: %j', async (argv, message) => {
    const file = fileNamed('a')
    const words = argv.map(word => (word === 'FILE' ? file : word))
    await expect(planned(...words)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message) as string
    })
  })

  it('may ask for what can be continued, where a file is sent or standard input is copied to one', async () => {
    const file = fileNamed('a')
    for (const content of [[file], ['--spool', '-'], ['--data-binary', `@${file}`]])
      expect((await planned('--resumable', 'tus', ...content, url)).uploads).toHaveLength(1)
    expect((await planned('--resumable', 'none', '-d', 'x', url)).uploads).toHaveLength(1)
  })

  it('name a scheme that is spoken, and an address that can be read', async () => {
    await expect(planned(fileNamed('a'), 'ftp://127.0.0.1/')).rejects.toMatchObject({
      code: 'UNSUPPORTED_SCHEME'
    })
    await expect(planned(fileNamed('a'), 'http://127.0.0.1:99999/')).rejects.toMatchObject({
      code: 'URL_MALFORMED'
    })
  })

  it('are refused as a whole when one of many files is missing or a folder', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'inner'))
    for (const wrong of [join(folder, 'nothing'), join(folder, 'inner')]) {
      await expect(planned(fileNamed('a'), wrong, fileNamed('b'), `${url}/`)).rejects.toMatchObject({
        code: 'READ_FAILED',
        message: expect.stringContaining(wrong) as string
      })
    }
    const missing = join(folder, 'nothing')
    for (const argv of [
      ['-F', `f=@${missing}`],
      ['-F', `f=<${missing}`],
      ['-d', `@${missing}`],
      ['--data-binary', `@${missing}`]
    ])
      await expect(planned(...argv, url)).rejects.toMatchObject({code: 'READ_FAILED'})
  })

  it('carry the options of each upload', async () => {
    const file = fileNamed('a')
    const {uploads} = await planned(
      ...['--no-resume', '--no-restart', '--connections', '3', '--resume-data', '/r', '--label', 'L'],
      ...['--fail-with-body', file, url]
    )
    expect(uploads[0]?.options).toEqual({
      resuming: 'never',
      restarting: 'refuse',
      connections: 3,
      resumeDataPath: '/r',
      label: 'L',
      httpErrors: 'deliverAndFail'
    })
  })
})

describe('A flag that upload does not have', () => {
  it.each([
    ['-T', 'ferry upload FILE URL'],
    ['--upload-file', 'ferry upload FILE URL'],
    ['--json={}', '-d DATA'],
    ['-O', 'downloads'],
    ['--checksum', 'Repr-Digest'],
    ['--no-clobber', 'If-None-Match'],
    ['-nc', 'If-None-Match'],
    ['--timestamping', 'downloads'],
    ['--metalink', 'downloads'],
    ['--download-if', '-o'],
    ['--on-cache', 'stored'],
    ['--spider', '-D FILE'],
    ['--http3', '--http2']
  ])('is explained by what upload has: %s', (flag, hint) => {
    expect(() => readWords([flag], uploadFlags, explainUploadFlag)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining('is not a flag of ferry upload') as string,
        hint: expect.stringContaining(hint) as string
      })
    )
  })
})
