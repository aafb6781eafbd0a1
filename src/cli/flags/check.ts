import type {FlagTable} from '../flag-table.ts'

export const checkFlags = {
  checksum: {
    kind: 'list',
    group: 'CHECK',
    placeholder: 'SUM',
    summary:
      'The file must have this digest, or never gets its name: ALG:HEX, sha256-BASE64, or the URL of a checksum file. With several: all must hold.'
  },
  sha256: {
    kind: 'list',
    group: 'CHECK',
    placeholder: 'HEX',
    summary: 'Short for --checksum sha256:HEX.'
  },
  'max-filesize': {
    kind: 'value',
    group: 'CHECK',
    placeholder: 'SIZE',
    summary: 'Refuse what is larger, announced or not.'
  },
  'require-length': {
    kind: 'switch',
    group: 'CHECK',
    summary: 'Fail when nothing proves where the file ends: no length, no chunked transfer.'
  }
} as const satisfies FlagTable

export const freshnessFlags = {
  'if-changed': {
    kind: 'switch',
    group: 'CHECK',
    summary: 'Fetch only when the server has something newer than the file that is here.'
  },
  'etag-save': {
    kind: 'value',
    group: 'CHECK',
    placeholder: 'FILE',
    summary: "Write the response's ETag to FILE."
  },
  'etag-compare': {
    kind: 'value',
    group: 'CHECK',
    placeholder: 'FILE',
    summary: 'Fetch only when the ETag differs from the one in FILE.'
  },
  'time-cond': {
    kind: 'value',
    char: 'z',
    group: 'CHECK',
    placeholder: 'DATE|FILE',
    summary: 'Fetch only what is newer than a date or a file; with - in front: older.'
  }
} as const satisfies FlagTable
