import {adviceFor} from '../../cli/advice.ts'
import type {TransferError, TransferErrorCode} from '../../engine/index.ts'

/** What a finding is about, in the order of the report. */
export const topics = [
  'ferry',
  'folders',
  'environment',
  'command',
  'session',
  'stores',
  'background',
  'address',
  'target',
  'resume',
  'proxy',
  'trust',
  'cookies',
  'credentials',
  'cache'
] as const

export type Topic = (typeof topics)[number]

/** problem: the transfer would fail. warning: it would not, but something should be looked at. */
export type Level = 'ok' | 'note' | 'warning' | 'problem'

/** One thing that was found. Never holds a secret. */
export interface Finding {
  readonly topic: Topic
  readonly level: Level
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  /** Of a problem: how the transfer would fail. */
  readonly code?: TransferErrorCode
}

/** What is as it should be, or worth knowing. */
export function finding(topic: Topic, level: Exclude<Level, 'problem'>, message: string): Finding {
  return {topic, level, message}
}

/** What a person should do something about. */
export function warning(topic: Topic, message: string, hint: string): Finding {
  return {topic, level: 'warning', message, hint}
}

/** The error that would end the transfer. */
export function problem(topic: Topic, {code, message, hint = adviceFor(code)}: TransferError): Finding {
  return {topic, level: 'problem', message, code, ...(hint !== undefined && {hint})}
}

/** An error that the transfer would get over. */
export function trouble(topic: Topic, {message, hint}: TransferError): Finding {
  return {topic, level: 'warning', message, ...(hint !== undefined && {hint})}
}
