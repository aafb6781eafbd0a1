import type {FlagTable, FlagValues} from './flag-table.ts'
import {againFlags, beginFlags} from './flags/again.ts'
import {backgroundFlags} from './flags/background.ts'
import {cacheFlags} from './flags/cache.ts'
import {checkFlags, freshnessFlags} from './flags/check.ts'
import {becomingFlags, decisionFlags} from './flags/decisions.ts'
import {crowdFlags, manyFlags} from './flags/many.ts'
import {httpErrorFlags, reportFlags, speechFlags} from './flags/output.ts'
import {proxyFlags} from './flags/proxy.ts'
import {redirectFlags} from './flags/redirects.ts'
import {connectionFlags, headerFlags, requestFlags} from './flags/request.ts'
import {timeFlags} from './flags/time.ts'
import {answerFlags, bodyFlags, uploadFlags as resumableFlags} from './flags/upload.ts'
import {whereFlags} from './flags/where.ts'

/** What every command takes that moves bytes. */
export const transferFlags = {
  ...headerFlags,
  ...connectionFlags,
  ...proxyFlags,
  ...cacheFlags,
  ...timeFlags,
  ...backgroundFlags,
  ...againFlags,
  ...crowdFlags,
  ...checkFlags,
  ...redirectFlags,
  ...decisionFlags,
  ...reportFlags,
  ...speechFlags
} as const satisfies FlagTable

export const getFlags = {
  ...whereFlags,
  ...requestFlags,
  ...transferFlags,
  ...becomingFlags,
  ...beginFlags,
  ...manyFlags,
  ...freshnessFlags,
  ...httpErrorFlags
} as const satisfies FlagTable

export const resumeFlags = {
  url: {
    kind: 'value',
    group: 'TARGET',
    placeholder: 'URL',
    summary: 'Continue from this address: the same file under a new link.'
  },
  restart: {
    kind: 'switch',
    group: 'RETRY AND RESUME',
    replaces: ['no-restart'],
    summary: 'Start from zero where it cannot be continued.'
  },
  session: manyFlags.session,
  suspended: {
    ...manyFlags.suspended,
    summary: 'Only see whether they can be continued, and list them to be resumed later: print their ids.'
  },
  'if-exists': whereFlags['if-exists'],
  ...answerFlags,
  ...transferFlags
} as const satisfies FlagTable

const {'trust-resume-data': _trust, ...retryFlags} = againFlags
const {events, 'show-headers': showHeaders} = reportFlags

export const uploadFlags = {
  ...bodyFlags,
  ...answerFlags,
  ...headerFlags,
  ...connectionFlags,
  ...proxyFlags,
  ...timeFlags,
  ...backgroundFlags,
  ...retryFlags,
  ...resumableFlags,
  ...crowdFlags,
  session: manyFlags.session,
  ephemeral: {...manyFlags.ephemeral, summary: 'Leave nothing on disk: the session called ephemeral.'},
  suspended: manyFlags.suspended,
  label: manyFlags.label,
  priority: manyFlags.priority,
  'max-filesize': {...checkFlags['max-filesize'], summary: 'Refuse an answer that is larger.'},
  'require-length': {
    ...checkFlags['require-length'],
    summary: 'Fail when nothing proves where the answer ends: no length, no chunked transfer.'
  },
  'etag-save': {...freshnessFlags['etag-save'], summary: "Write the answer's ETag to FILE."},
  'etag-compare': {
    ...freshnessFlags['etag-compare'],
    summary:
      'Have it taken only where the ETag of what is there differs from the one in FILE (If-None-Match).'
  },
  ...redirectFlags,
  'on-redirect': decisionFlags['on-redirect'],
  'on-challenge': decisionFlags['on-challenge'],
  'on-response': decisionFlags['on-response'],
  'on-complete': decisionFlags['on-complete'],
  ...reportFlags,
  events: {
    ...events,
    summary: 'Print every event as one line of JSON, as it happens, instead of the answer.'
  },
  'show-headers': {
    ...showHeaders,
    summary: 'Print the heads of the responses before the body of the answer.'
  },
  ...speechFlags,
  ...httpErrorFlags,
  json: {...speechFlags.json, summary: 'Print one JSON document at the end, instead of the answer.'}
} as const satisfies FlagTable

export type TransferFlags = FlagValues<typeof transferFlags>
export type GetFlags = FlagValues<typeof getFlags>
export type ResumeFlags = FlagValues<typeof resumeFlags>
export type UploadFlags = FlagValues<typeof uploadFlags>
