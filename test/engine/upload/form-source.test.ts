import {execFileSync} from 'node:child_process'
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {beforeEach, describe, expect, it} from 'vitest'
import type {FormField, HeaderField} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {decodeForm} from './decode-form.ts'
import type {DecodedField} from './decode-form.ts'
import {bytesBeforeFailure, bytesOf, opened} from './sent-source.ts'

let folder: string
beforeEach(() => {
  folder = scratchFolder()
})

function fileNamed(name: string, content: Uint8Array): FormField['value'] {
  const path = join(folder, name)
  writeFileSync(path, content)
  return {kind: 'file', path}
}

const text = (name: string, value: string): FormField => ({name, value: {kind: 'text', text: value}})

const openForm = (fields: readonly FormField[], headers: readonly HeaderField[] = []) =>
  opened({kind: 'form', fields}, {headers})

/** What a receiver makes of the form; its length has to be the one that was announced. */
async function sent(
  fields: readonly FormField[],
  headers: readonly HeaderField[] = []
): Promise<DecodedField[]> {
  const {body, contentType, task} = await openForm(fields, headers)
  const bytes = await bytesOf(body)
  expect([body.length, task.countOfBytesExpectedToSend, task.countOfBytesSent]).toEqual([
    bytes.length,
    bytes.length,
    bytes.length
  ])
  return decodeForm(bytes, contentType)
}

const boundaryOf = (contentType: string | undefined): string =>
  /^multipart\/form-data; boundary=(\S+)$/.exec(contentType ?? '')?.[1] ?? ''

describe('A form', () => {
  it('has its fields in order, texts without a type and files with the one of their name', async () => {
    const fields = await sent([
      text('a', 'first'),
      {name: 'b', value: fileNamed('page.html', Buffer.from('<p>'))},
      {name: 'c', value: fileNamed('F', Buffer.from('some'))},
      {name: 'd', value: fileNamed('empty.png', Buffer.alloc(0))},
      text('a', 'second')
    ])
    expect(fields.map(({headers, content}) => [...headers, content.toString()])).toEqual([
      ['Content-Disposition: form-data; name="a"', 'first'],
      ['Content-Disposition: form-data; name="b"; filename="page.html"', 'Content-Type: text/html', '<p>'],
      [
        'Content-Disposition: form-data; name="c"; filename="F"',
        'Content-Type: application/octet-stream',
        'some'
      ],
      ['Content-Disposition: form-data; name="d"; filename="empty.png"', 'Content-Type: image/png', ''],
      ['Content-Disposition: form-data; name="a"', 'second']
    ])
  })

  it('takes the names and types that are given instead', async () => {
    const fields = await sent([
      {
        name: 'a',
        value: fileNamed('a.txt', Buffer.from('x')),
        fileName: 'b.json',
        contentType: 'text/plain; charset=utf-8'
      },
      {name: 'b', value: fileNamed('b.txt', Buffer.from('x')), fileName: 'c.json'},
      {name: 'c', value: {kind: 'text', text: 'x'}, contentType: 'text/markdown'},
      {name: 'd', value: {kind: 'data', data: Buffer.from('x')}},
      {name: 'e', value: {kind: 'data', data: Buffer.from('x')}, fileName: 'e.css'}
    ])
    expect(fields.map(({headers}) => headers.slice(1))).toEqual([
      ['Content-Type: text/plain; charset=utf-8'],
      ['Content-Type: application/json'],
      ['Content-Type: text/markdown'],
      [],
      ['Content-Type: text/css']
    ])
    expect(fields.map(({fileName}) => fileName)).toEqual(['b.json', 'c.json', undefined, undefined, 'e.css'])
  })

  it('escapes in names what would end them, as browsers do, and leaves all else as it is', async () => {
    const name = 'ä "quoted"\r\nX-Evil: 1\n\\ %22 日本'
    const escaped = 'ä %22quoted%22%0D%0AX-Evil: 1%0A\\ %22 日本'
    const [field] = await sent([{name, value: {kind: 'data', data: Buffer.alloc(0)}, fileName: name}])
    expect(field?.headers[0]).toBe(`Content-Disposition: form-data; name="${escaped}"; filename="${escaped}"`)
    expect(field?.headers).toHaveLength(2)
  })

  it.each(['text/plain\r\nX-Evil: 1', 'text/plain; x="\x1B"'])('refuses %j as a type', async contentType => {
    const field = {...text('a', 'b'), contentType}
    await expect(openForm([field])).rejects.toMatchObject({code: 'USAGE'})
  })

  it('without fields is only its end', async () => {
    expect(await sent([])).toEqual([])
  })

  it('is the same, boundary and all, each time it is sent', async () => {
    const {body} = await openForm([text('a', 'b'), {name: 'f', value: fileNamed('F', seededBytes(3000, 1))}])
    expect((await bytesOf(body.again('redirect'))).equals(await bytesOf(body))).toBe(true)
  })

  it('has a boundary of its own that nobody can foresee [CVE 52]', async () => {
    const forms = await Promise.all(Array.from({length: 20}, () => openForm([text('a', 'b')])))
    const boundaries = forms.map(({contentType}) => boundaryOf(contentType))
    expect(new Set(boundaries).size).toBe(20)
    for (const boundary of boundaries) expect(boundary).toMatch(/^-*[0-9a-f]{32}$/)
    expect(boundaries[0]?.length).toBeLessThanOrEqual(70)
  })

  it('has the type and the boundary that the request names', async () => {
    const type = 'multipart/mixed; boundary=own'
    const {contentType, body} = await openForm([text('a', 'b')], [['content-type', type]])
    expect(contentType).toBe(type)
    expect((await bytesOf(body)).toString()).toMatch(/^--own\r\n[^]*\r\n--own--\r\n$/)
  })

  it('has the type that the request names with a boundary that it lacks', async () => {
    const headers: HeaderField[] = [['Content-Type', 'multipart/mixed']]
    expect((await openForm([text('a', 'b')], headers)).contentType).toMatch(
      /^multipart\/mixed; boundary=-+\w{32}$/
    )
    expect(await sent([text('a', 'b')], headers)).toHaveLength(1)
  })

  it('has no type where the request takes it away', async () => {
    expect((await openForm([text('a', 'b')], [['Content-Type', '']])).contentType).toBeUndefined()
  })
})

describe('A file in a form', () => {
  it('that is missing fails before anything is sent', async () => {
    const field: FormField = {name: 'a', value: {kind: 'file', path: join(folder, 'missing')}}
    await expect(openForm([field])).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('missing: it is not there')
    })
  })

  it('that is a folder fails before anything is sent', async () => {
    const field: FormField = {name: 'a', value: {kind: 'file', path: folder}}
    await expect(openForm([field])).rejects.toMatchObject({code: 'READ_FAILED'})
  })

  it('that changes fails before its last byte', async () => {
    const value = fileNamed('F', seededBytes(100_000, 1))
    const {body} = await openForm([text('a', 'b'), {name: 'f', value}])
    appendFileSync(join(folder, 'F'), 'x')
    const {bytes, error} = await bytesBeforeFailure(body)
    expect(error).toMatchObject({code: 'SOURCE_CHANGED'})
    expect(bytes).toBeLessThan(100_000)
  })
})

describe('Any form', () => {
  const name = fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[\r\n"%-]{0,8}$/))
  const content = fc.oneof(
    fc.uint8Array({maxLength: 300}),
    fc.stringMatching(/^[\r\n-]{0,40}$/).map(value => Buffer.from(value))
  )
  const fields = fc.array(fc.record({name, content, kind: fc.constantFrom('text', 'data', 'file')}), {
    maxLength: 6
  })

  it('is taken apart into what went in', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async each => {
        const form = each.map(({name: own, content: bytes, kind}, index): FormField => {
          if (kind === 'file') return {name: own, value: fileNamed(`F${index}`, bytes), fileName: own}
          if (kind === 'data') return {name: own, value: {kind, data: bytes}}
          return text(own, Buffer.from(bytes).toString('latin1'))
        })
        const decoded = await sent(form)
        expect(decoded.map(field => unescaped(field.name))).toEqual(each.map(field => plain(field.name)))
        expect(decoded.map(field => field.content)).toEqual(
          each.map(({kind, content: bytes}) =>
            kind === 'text' ? Buffer.from(Buffer.from(bytes).toString('latin1')) : Buffer.from(bytes)
          )
        )
      }),
      {numRuns: 60}
    )
  })

  // What was %22 before cannot be told from what was made so; the test tells it by escaping both sides once more.
  const unescaped = (value = ''): string =>
    value.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
  const plain = (value: string): string => unescaped(Buffer.from(value).toString())

  it('is understood by the decoder of another language', async () => {
    const {body, contentType} = await openForm([
      text('word', 'grüße\r\n'),
      {name: 'ä%"', value: fileNamed('größe.bin', seededBytes(5000, 3))}
    ])
    const file = join(folder, 'body')
    writeFileSync(file, await bytesOf(body))
    const program = `import sys, json, email.parser, email.policy
message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
  b'Content-Type: ' + sys.argv[2].encode() + b'\\r\\n\\r\\n' + open(sys.argv[1], 'rb').read())
print(json.dumps([[part.get_param('name', header='content-disposition'), part.get_filename(),
  part.get_payload(decode=True).hex()] for part in message.iter_parts()]))`
    const printed = execFileSync('python3', ['-c', program, file, contentType ?? ''], {encoding: 'utf8'})
    expect(JSON.parse(printed)).toEqual([
      ['word', null, Buffer.from('grüße\r\n').toString('hex')],
      ['ä%%22', 'größe.bin', readFileSync(join(folder, 'größe.bin')).toString('hex')]
    ])
  })
})
