import type {StoredRequest, Work} from '../submission.ts'

// What lists and a person may see of a task for ever. A new option counts as secret until it is named here.
const openOptions: ReadonlySet<string> = new Set([
  'directory',
  'fileName',
  'remoteHeaderName',
  'ifExists',
  'createDirectories',
  'remoteTime',
  'checksums',
  'requireLength',
  'resuming',
  'restarting',
  'decode',
  'flush',
  'httpErrors',
  'credentials',
  'resumeDataPath',
  'resumeDataFolder',
  'connections'
])

/** A task's work without what may be secret: no headers, no user information, no query. */
export function remainderOf(work: Work): Work {
  switch (work.kind) {
    case 'download':
      return {...work, request: openRequest(work.request), options: open(work.options)}
    case 'upload':
      return {...work, request: openRequest(work.request), options: open(work.options)}
    case 'continue': {
      const {headers: _headers, ...rest} = work
      return {...rest, url: openAddress(work.url), options: open(work.options)}
    }
  }
}

function openRequest({url, method}: StoredRequest): StoredRequest {
  return {url: openAddress(url), method, headers: []}
}

function openAddress(text: string): string {
  const url = URL.parse(text)
  if (!url) return ''
  if (`${url.username}${url.password}${url.search}${url.hash}` === '') return text
  Object.assign(url, {username: '', password: '', search: '', hash: ''})
  return url.href
}

function open<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([name]) => openOptions.has(name))) as T
}
