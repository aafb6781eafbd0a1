import {isAbsolute} from 'node:path'
import * as v from 'valibot'
import {checksumAlgorithms} from '../../../engine/index.ts'
import type {ConfigurationKeys} from '../../../engine/index.ts'
import {count, taskCounts, text} from '../../schema-values.ts'
import type {SessionStanding} from '../session-standing.ts'
import type {Submission, SubmittedTask, Work} from '../submission.ts'

// Loaded on demand only, like the other shapes of messages. No message of these repeats a value: it may be a secret.

/** How many tasks one request may hand over. */
export const mostTasks = 10_000

const secret = v.pipe(v.string(), v.maxLength(1024 * 1024))
// As the engine makes them.
const id = v.pipe(v.string(), v.regex(/^[0-9a-z]{6,40}$/, 'is no id of a task'))
const path = v.pipe(
  v.string(),
  v.maxLength(32 * 1024),
  v.check(value => isAbsolute(value) && !value.includes('\0'), 'is no absolute path')
)
const fileName = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.check(name => !/^\.{0,2}$/.test(name) && !/[/\0]/.test(name), 'is no name of a file, without a folder')
)
const identifier = v.pipe(
  v.string(),
  v.regex(
    /^(?!(?:__proto__|prototype|constructor)$)[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
    'is no identifier of a session'
  )
)

const certificate = v.union([
  v.strictObject({
    kind: v.literal('certificate'),
    passphrase: v.exactOptional(secret),
    cert: secret,
    key: v.exactOptional(secret)
  }),
  v.strictObject({kind: v.literal('certificate'), passphrase: v.exactOptional(secret), pkcs12: secret})
])
const credential = v.union([
  v.strictObject({kind: v.literal('password'), user: secret, password: secret}),
  v.strictObject({kind: v.literal('bearer'), token: secret}),
  v.strictObject({kind: v.literal('ticket')}),
  v.strictObject({kind: v.literal('trust')}),
  certificate
])
const authentication = v.pipe(
  v.strictObject({
    credential: v.optional(credential),
    methods: v.picklist(['preemptive', 'digest', 'any'])
  }),
  // What JSON leaves out.
  v.transform(({credential: given, methods}) => ({credential: given, methods}))
)

const taskOptions = {
  httpErrors: v.exactOptional(v.picklist(['fail', 'deliver', 'deliverAndFail'])),
  authentication: v.exactOptional(authentication),
  credentials: v.exactOptional(v.picklist(['session', 'given'])),
  certificate: v.exactOptional(certificate)
}
const resuming = v.exactOptional(v.picklist(['automatic', 'never']))
const restarting = v.picklist(['allow', 'refuse'])

const downloadOptions = v.strictObject({
  ...taskOptions,
  directory: path,
  fileName: v.exactOptional(fileName),
  remoteHeaderName: v.exactOptional(v.boolean()),
  ifExists: v.exactOptional(v.picklist(['fail', 'replace', 'rename', 'skip', 'verify'])),
  createDirectories: v.exactOptional(v.boolean()),
  remoteTime: v.exactOptional(v.boolean()),
  checksums: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          algorithm: v.picklist(checksumAlgorithms),
          value: v.pipe(v.string(), v.regex(/^[0-9a-f]{16,128}$/, 'is no digest'))
        })
      ),
      v.maxLength(20)
    )
  ),
  requireLength: v.exactOptional(v.boolean()),
  resuming,
  restarting: v.exactOptional(restarting),
  decode: v.exactOptional(v.boolean()),
  flush: v.exactOptional(v.picklist(['commit', 'never'])),
  resumeDataPath: v.exactOptional(path)
})

const uploadOptions = v.strictObject({
  ...taskOptions,
  resumeDataFolder: v.exactOptional(path),
  resumeDataPath: v.exactOptional(path),
  resuming,
  restarting: v.exactOptional(restarting),
  connections: v.exactOptional(v.pipe(count, v.minValue(1), v.maxValue(64))),
  collection: v.exactOptional(text),
  decode: v.exactOptional(v.boolean()),
  requireLength: v.exactOptional(v.boolean())
})

const headers = v.pipe(
  v.array(v.strictTuple([v.pipe(v.string(), v.maxLength(1024)), text])),
  v.maxLength(1000)
)
const request = v.strictObject({url: text, method: v.pipe(v.string(), v.maxLength(40)), headers})

const source = v.strictObject({
  path,
  lifetime: v.picklist(['user', 'task']),
  size: count,
  modified: v.number(),
  device: v.number(),
  inode: v.number()
})

const work = v.variant('kind', [
  v.strictObject({kind: v.literal('download'), request, options: downloadOptions}),
  v.strictObject({kind: v.literal('upload'), request, source, options: uploadOptions}),
  v.strictObject({
    kind: v.literal('continue'),
    task: v.picklist(['download', 'upload']),
    resumeData: path,
    url: text,
    restarting,
    headers: v.exactOptional(headers),
    options: v.strictObject(taskOptions)
  })
]) satisfies v.GenericSchema<unknown, Work>

const task = v.strictObject({
  id,
  work,
  label: v.nullable(text),
  priority: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  earliestBegin: v.nullable(count)
}) satisfies v.GenericSchema<unknown, SubmittedTask>

const snapshot = v.strictObject({
  // The engine judges them, as those of any other session.
  keys: v.custom<ConfigurationKeys>(isRecord, 'is no configuration'),
  onComplete: v.nullable(text),
  environment: v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, 'is no name of a variable')),
    v.pipe(
      secret,
      v.check(value => !value.includes('\0'), 'holds a zero byte')
    )
  ),
  timeZone: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
  newFileMode: v.exactOptional(v.pipe(count, v.maxValue(0o666)))
})

/** The shape of a submission; what its addresses, headers and keys mean is for the engine to judge. */
export const submissionBody = v.strictObject({
  session: identifier,
  snapshot,
  tasks: v.pipe(v.array(task), v.minLength(1), v.maxLength(mostTasks))
}) satisfies v.GenericSchema<unknown, Submission>

export const attachBody = v.strictObject({session: identifier, pid: v.pipe(count, v.minValue(1))})
export const ackBody = v.strictObject({session: identifier, token: v.pipe(v.string(), v.maxLength(200))})

// Loose from here on: a newer daemon may say more.
export const idsAnswer = v.looseObject({ids: v.array(id)})
export const ackAnswer = v.looseObject({acknowledged: v.pipe(v.number(), v.safeInteger(), v.minValue(-1))})
export const sessionsAnswer = v.looseObject({
  sessions: v.array(
    v.looseObject({
      identifier: text,
      state: v.picklist(['valid', 'invalidating']),
      undelivered: count,
      daemon: v.looseObject({
        pid: v.nullable(count),
        tasks: taskCounts
      }),
      client: v.looseObject({attached: v.nullable(count)})
    }) satisfies v.GenericSchema<unknown, SessionStanding>
  )
})

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
