import {setImmediate} from 'node:timers/promises'
import type {Exchange} from './exchange.ts'

const short = 64 * 1024
// Milliseconds: another connection is made faster than that.
const patience = 5000

/**
 * Throws a body away: reads a short one so that the connection can be used again, hangs up on one that is long, or takes
 * long to come.
 */
export async function discardBody(exchange: Exchange): Promise<void> {
  if ((exchange.contentLength ?? 0) > short) return exchange.abort()
  let seen = 0
  const sink = {
    write: (view: Uint8Array) => {
      seen += view.length
      if (seen > short) exchange.abort()
    }
  }
  const limit = setTimeout(() => exchange.abort(), patience)
  await exchange.receive(sink).catch(() => {})
  clearTimeout(limit)
  // The connection is free one turn of the event loop after its answer; asking earlier would open another one.
  await setImmediate()
}
