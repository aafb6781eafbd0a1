import * as v from 'valibot'
import {resumeDataVersion} from './resume-data.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const shortText = v.pipe(v.string(), v.maxLength(8192))
const header = v.tuple([
  v.pipe(v.string(), v.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/)),
  v.pipe(v.string(), v.maxLength(8192), v.regex(/^[^\x00-\x08\x0A-\x1F\x7F]*$/))
])
// A name and nothing else: resume data never chooses a folder (security P11).
const baseName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(255),
  v.regex(/^[^/\\\x00-\x1F]+$/),
  v.check(name => name !== '.' && name !== '..')
)

/** Everything a resume data file must be; unknown fields are refused, so that a signature covers what is read. */
export const resumeDataSchema = v.strictObject({
  format: v.literal('ferry-resume-data'),
  version: v.literal(resumeDataVersion),
  kind: v.literal('download'),
  generation: whole,
  taskId: v.pipe(v.string(), v.regex(/^[0-9a-z]{6,40}$/)),
  label: v.nullable(shortText),
  session: v.pipe(v.string(), v.maxLength(200)),
  state: v.picklist(['active', 'paused', 'failed', 'committing']),
  written: whole,
  originalRequest: v.strictObject({
    url: v.pipe(shortText, v.regex(/^https?:\/\//)),
    method: v.literal('GET'),
    headers: v.pipe(v.array(header), v.maxLength(100)),
    omittedHeaders: v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(100))
  }),
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
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
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
      v.maxLength(20)
    )
  }),
  integrity: v.string(),
  signature: v.nullable(v.string())
})
