import type {SessionDelegate} from '../../engine/index.ts'

/** Gives standard input to the upload that asks for a stream: once, because it cannot be read again (R36). */
export function standardInputDelegate(): SessionDelegate {
  let state: 'unread' | 'read' = 'unread'
  return {
    needNewBodyStream: () => {
      if (state === 'read') return undefined
      state = 'read'
      return process.stdin
    }
  }
}
