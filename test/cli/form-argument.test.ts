import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {fieldsAmong, parseFormArgument, readForm} from '../../src/cli/form-argument.ts'
import type {FormPart} from '../../src/cli/form-argument.ts'
import {readWords} from '../../src/cli/read-words.ts'
import {uploadFlags} from '../../src/cli/transfer-flags.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

describe('A field of -F', () => {
  it.each<[string, readonly FormPart[]]>([
    ['a=b', [{kind: 'text', value: 'b'}]],
    ['a=', [{kind: 'text', value: ''}]],
    ['a=b=c', [{kind: 'text', value: 'b=c'}]],
    ['a= b ', [{kind: 'text', value: 'b'}]],
    ['a=b, c', [{kind: 'text', value: 'b, c'}]],
    ['a=b;type=text/x-y', [{kind: 'text', value: 'b', contentType: 'text/x-y'}]],
    ['a="b;c ";type=text/x', [{kind: 'text', value: 'b;c ', contentType: 'text/x'}]],
    [String.raw`a="b\"c\\d\n"`, [{kind: 'text', value: String.raw`b"c\d\n`}]],
    ['a="b', [{kind: 'text', value: '"b'}]],
    ['a=<f.txt', [{kind: 'content', value: 'f.txt'}]],
    ['a=@f.txt', [{kind: 'file', value: 'f.txt'}]],
    ['a=@-', [{kind: 'file', value: '-'}]],
    [
      'a=@f;type=text/plain;charset=utf-8;filename=g',
      [{kind: 'file', value: 'f', contentType: 'text/plain;charset=utf-8', fileName: 'g'}]
    ],
    ['a=@f; filename=g; type=text/x', [{kind: 'file', value: 'f', contentType: 'text/x', fileName: 'g'}]],
    ['a=@"f,1;x";filename="g;\\"h\\""', [{kind: 'file', value: 'f,1;x', fileName: 'g;"h"'}]],
    [
      'a=@f;type=text/x,g,h;filename=i',
      [
        {kind: 'file', value: 'f', contentType: 'text/x'},
        {kind: 'file', value: 'g'},
        {kind: 'file', value: 'h', fileName: 'i'}
      ]
    ]
  ])('is read as curl reads it: %s', (given, parts) => {
    expect(parseFormArgument(given)).toEqual({name: 'a', parts})
  })

  it.each([
    ['secret', /NAME=VALUE/],
    ['=secret', /NAME=VALUE/],
    ['a=(secret', /forms within forms/],
    ['a=@', /name of the file is missing/],
    ['a=@;type=text/x', /name of the file is missing/],
    ['a=b;secret', /neither type= nor filename=/],
    ['a=b;headers="X: secret"', /neither type= nor filename=/],
    ['a=@f;encoder=base64', /neither type= nor filename=/],
    ['a=b;type=secret', /media type/],
    ['a=b;type=text/x; y="\x01"', /media type/],
    ['a="b"secret', /behind the closing double quote/]
  ])('is refused where curl would drop a part of it, and not repeated: %s', (given, message) => {
    expect(() => parseFormArgument(given)).toThrow(
      expect.objectContaining({code: 'USAGE', message: expect.stringMatching(message) as string})
    )
    expect(() => parseFormArgument(given)).toThrow(
      expect.objectContaining({message: expect.not.stringContaining('secret') as string})
    )
  })

  it('is literal with --form-string, and keeps its place among the others', async () => {
    const file = join(scratchFolder(), 'f')
    writeFileSync(file, 'con\ntent\n')
    const argv = ['-F', 'a=1', '--form-string', 'b=@x;type=y', '-F', `c=<${file}`, '-F', `d=@${file},${file}`]
    expect(await readForm(fieldsAmong(readWords(argv, uploadFlags).given))).toEqual([
      {name: 'a', value: {kind: 'text', text: '1'}},
      {name: 'b', value: {kind: 'text', text: '@x;type=y'}},
      {name: 'c', value: {kind: 'data', data: Buffer.from('con\ntent\n')}},
      {name: 'd', value: {kind: 'file', path: file}},
      {name: 'd', value: {kind: 'file', path: file}}
    ])
  })
})
