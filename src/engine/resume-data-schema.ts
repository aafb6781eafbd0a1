import * as v from 'valibot'
import {longestList, longestText, plainName} from './resume-data-limits.ts'
import {resumeDataVersion} from './resume-data.ts'
import {taskIdForm} from './task-id.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const shortText = v.pipe(v.string(), v.maxLength(longestText))
const token = v.pipe(shortText, v.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/))
const header = v.tuple([token, v.pipe(shortText, v.regex(/^[^\x00-\x08\x0A-\x1F\x7F]*$/))])
const baseName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(255),
  v.regex(plainName),
  v.check(name => name !== '.' && name !== '..')
)

const address = v.pipe(shortText, v.regex(/^https?:\/\//))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const either = {
  format: v.literal('ferry-resume-data'),
  version: v.literal(resumeDataVersion),
  generation: whole,
  taskId: v.pipe(v.string(), v.regex(taskIdForm)),
  label: v.nullable(shortText),
  session: shortText,
  written: whole,
  integrity: v.string(),
  signature: v.nullable(v.string())
}
const request = {
  url: address,
  headers: v.pipe(v.array(header), v.maxLength(longestList)),
  omittedHeaders: v.pipe(v.array(shortText), v.maxLength(longestList))
}

const downloadSchema = v.strictObject({
  ...either,
  kind: v.literal('download'),
  state: v.picklist(['active', 'paused', 'failed', 'committing']),
  originalRequest: v.strictObject({...request, method: v.literal('GET')}),
  response: v.strictObject({
    url: shortText,
    status: whole,
    entityTag: v.nullable(header.items[1]),
    lastModified: v.nullable(header.items[1]),
    date: v.nullable(header.items[1]),
    acceptRanges: v.nullable(header.items[1])
  }),
  total: v.nullable(whole),
  bytesReceived: whole,
  tail: v.strictObject({
    length: v.pipe(whole, v.maxValue(65536)),
    sha256
  }),
  partial: v.strictObject({name: baseName, device: v.number(), inode: v.number()}),
  destination: v.strictObject({
    name: baseName,
    directory: v.nullable(shortText),
    ifExists: v.picklist(['fail', 'replace', 'rename', 'skip', 'verify']),
    remoteTime: v.boolean(),
    requireLength: v.boolean(),
    checksums: v.pipe(
      v.array(
        v.strictObject({algorithm: v.string(), value: v.pipe(v.string(), v.regex(/^[0-9a-f]{16,128}$/))})
      ),
      v.maxLength(longestList)
    )
  })
})

const uploadSchema = v.strictObject({
  ...either,
  kind: v.literal('upload'),
  state: v.picklist(['active', 'paused', 'failed']),
  originalRequest: v.strictObject({
    ...request,
    method: token
  }),
  collection: v.nullable(address),
  protocol: v.nullable(v.picklist(['tus', 'ietf', 'none'])),
  interopVersion: v.nullable(v.picklist([3, 5, 6, 7, 8])),
  parts: v.pipe(
    v.array(v.strictObject({url: address, first: whole, length: whole})),
    v.maxLength(longestList)
  ),
  expires: v.nullable(whole),
  source: v.strictObject({
    path: v.pipe(shortText, v.minLength(1)),
    size: whole,
    modified: v.number(),
    device: v.number(),
    inode: v.number(),
    lifetime: v.picklist(['user', 'task'])
  }),
  prefix: v.strictObject({length: whole, sha256})
})

/** Everything a resume data file must be; unknown fields are refused, so that a signature covers what is read. */
export const resumeDataSchema = v.variant('kind', [downloadSchema, uploadSchema])
