import type {TaskOutcome, TransferErrorCode} from '../engine/index.ts'

/** curl's numbers where curl has the case; ours lie above 110. Scripts depend on them. */
export const exitCodes: Readonly<Record<TransferErrorCode, number>> = {
  UNSUPPORTED_SCHEME: 1,
  USAGE: 2,
  CONFIGURATION_REFUSED: 2,
  URL_MALFORMED: 3,
  PROXY_NOT_RESOLVED: 5,
  HOST_NOT_RESOLVED: 6,
  CONNECT_FAILED: 7,
  REPLY_MALFORMED: 8,
  TRANSFER_TRUNCATED: 18,
  HTTP_STATUS: 22,
  WRITE_FAILED: 23,
  NO_SPACE: 23,
  READ_FAILED: 26,
  SOURCE_CHANGED: 26,
  TIMED_OUT: 28,
  RANGE_REFUSED: 33,
  RESOURCE_CHANGED: 33,
  TLS_HANDSHAKE: 35,
  TOO_MANY_REDIRECTS: 47,
  EMPTY_REPLY: 52,
  SEND_FAILED: 55,
  RECEIVE_FAILED: 56,
  CLIENT_CERTIFICATE: 58,
  CERTIFICATE_REFUSED: 60,
  CONTENT_CODING: 61,
  FILE_TOO_LARGE: 63,
  CA_FILE: 77,
  PIN_MISMATCH: 90,
  PROXY_HANDSHAKE: 97,
  HEADERS_TOO_LARGE: 100,
  CHECKSUM_MISMATCH: 110,
  NOT_RESUMABLE: 111,
  RESUME_DATA_INVALID: 111,
  BUSY: 112,
  REFUSED: 113,
  DESTINATION_EXISTS: 113,
  CANCELLED: 115,
  TASK_UNKNOWN: 116,
  SESSION_UNKNOWN: 116,
  SESSION_INVALIDATED: 116,
  DAEMON_UNREACHABLE: 118
}

/** The process was told to pause, and did. */
const pausedExitCode = 114
const mixedFailures = 117

/** The exit code of a process that a signal ended, its resume data written. */
export const signalExitCodes = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143} as const

/** How one task's end counts. */
export function outcomeExitCode(outcome: TaskOutcome): number {
  if (outcome.state === 'paused') return pausedExitCode
  if (outcome.error) return exitCodes[outcome.error.code]
  return outcome.state === 'cancelled' ? exitCodes.CANCELLED : 0
}

/** Many tasks: 0 when all did well, the one reason all failures share, else 117. */
export function batchExitCode(codes: Iterable<number>): number {
  const failures = new Set(codes)
  failures.delete(0)
  if (failures.size > 1) return mixedFailures
  return [...failures][0] ?? 0
}
