import type {HeaderField} from '../url-request.ts'
import {steadyTime} from './steady-time.ts'

/** What is measured of one exchange: times in milliseconds since the epoch, sizes in bytes. */
export interface ExchangeFigures {
  readonly fetchStart: number
  requestStart: number | undefined
  /** The whole request was handed to the connection. */
  requestEnd: number | undefined
  responseStart: number | undefined
  responseEnd: number | undefined
  /** As it was written; undefined over HTTP/2, which compresses heads. */
  requestHead: number | undefined
  /** As HTTP/1.1 writes it. */
  responseHead: number
}

/** The figures of an exchange that begins now. */
export function beginFigures(): ExchangeFigures {
  return {
    fetchStart: steadyTime(),
    requestStart: undefined,
    requestEnd: undefined,
    responseStart: undefined,
    responseEnd: undefined,
    requestHead: undefined,
    responseHead: 0
  }
}

/** Bytes of the head of an answer: status line, fields, and the line that ends them. */
export function headSize(statusLine: string, fields: readonly HeaderField[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 4, statusLine.length + 4)
}
