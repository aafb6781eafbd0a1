import * as v from 'valibot'
import {transferErrorCodes} from '../../../engine/index.ts'
import type {DaemonFacts} from '../daemon-facts.ts'
import {count, taskCounts, text} from '../../schema-values.ts'

// Loaded on demand only, like the other shapes of messages.

// Loose: a newer daemon may say more.
export const daemonAnswer = v.looseObject({
  pid: v.pipe(count, v.minValue(1)),
  startTime: v.nullable(text),
  version: text,
  started: text,
  idleSince: v.nullable(text),
  tasks: taskCounts,
  memory: count,
  log: text,
  journal: text,
  resources: v.array(text)
}) satisfies v.GenericSchema<unknown, DaemonFacts>

export const stopBody = v.strictObject({cancel: v.optional(v.boolean())})

export const refusal = v.object({
  error: v.object({code: v.picklist(transferErrorCodes), message: text, hint: v.optional(text)})
})
