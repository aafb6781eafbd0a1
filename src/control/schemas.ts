import * as v from 'valibot'
import {transferErrorCodes} from '../engine/index.ts'
import type {IndexEntry} from './index-entry.ts'
import {isTaskRecord} from './listed-tasks.ts'
import {count, text} from './schema-values.ts'
import type {EndedTask, TaskRecord} from './task-record.ts'

// Loaded on demand only: checking costs start-up time that most commands need not pay.

const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/))
const exitCode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))

const record = v.custom<TaskRecord>(isTaskRecord, 'is no record of a task')

const owner = v.object({
  pid: v.pipe(count, v.minValue(1)),
  startTime: v.optional(text),
  bootId: v.optional(text),
  host: text
})

export const indexEntry = v.object({
  version: v.literal(1),
  record,
  exitCode: v.nullable(exitCode),
  label: v.nullable(text),
  created: v.number(),
  ended: v.nullable(v.number()),
  owner
}) satisfies v.GenericSchema<unknown, IndexEntry>

export const indexEntries = v.pipe(v.array(indexEntry), v.maxLength(1000))

export const noBody = v.strictObject({})
export const pauseBody = v.strictObject({discard: v.optional(v.boolean()), hold: v.optional(v.boolean())})
export const pauseManyBody = v.union([
  v.strictObject({session: text}),
  v.strictObject({all: v.literal(true)})
])

export const waitBody = v.strictObject({ids: v.array(id)})

export const sessionBody = v.strictObject({session: text})
export const invalidateBody = v.strictObject({session: text, cancel: v.optional(v.boolean())})

const failure = v.object({
  code: v.picklist(transferErrorCodes),
  message: text,
  hint: v.optional(text)
})

export const errorAnswer = v.object({error: failure, record: v.optional(record)})
export const recordAnswer = v.object({record})
export const handOverAnswer = v.object({id})
export const endedAnswer = v.object({record, exitCode}) satisfies v.GenericSchema<unknown, EndedTask>
export const pausedAnswer = v.object({
  tasks: v.array(v.object({id, record: v.optional(record), error: v.optional(failure)}))
})
export const sessionAnswer = v.object({sessions: count, tasks: count})
