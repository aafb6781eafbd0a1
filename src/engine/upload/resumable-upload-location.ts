import type {ConfigurationKeys} from '../configuration-keys.ts'
import {longestText} from '../resume-data-limits.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField} from '../url-request.ts'

interface Named {
  /** What was asked when the server named it. */
  readonly asked: URL
  readonly rules: ConfigurationKeys['redirects']
}

/**
 * The upload resource that an answer names (RFC 9110, 10.2.2). Undefined where it names none that may be asked: only http
 * and https are spoken, and nothing leads from https to http that may not be redirected there.
 */
export function uploadResource(headers: readonly HeaderField[], {asked, rules}: Named): URL | undefined {
  const [location, ...others] = new Set(
    headers.filter(([name]) => name === 'location').map(([, value]) => value)
  )
  if (location === undefined || others.length > 0 || /[\x00-\x1F\x7F]/.test(location)) return undefined
  // Header bytes arrive as latin1.
  const url = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), asked.href)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  if (asked.protocol === 'https:' && url.protocol === 'http:' && !rules.allowDowngrade) return undefined
  url.username = ''
  url.password = ''
  url.hash = ''
  // Resume data holds no longer one, and an upload that cannot be remembered cannot be continued.
  return url.href.length > longestText ? undefined : url
}

/**
 * Does a server that the task was redirected to name a place at the task's own origin? It would choose what is asked there
 * in the task's name (CVE-2024-45336).
 */
export async function isStrangersWord(
  task: UploadTask,
  {asked, url}: {asked: URL; url: URL}
): Promise<boolean> {
  const {transportSecurity} = task.session.stores
  const home = await transportSecurity.upgrade(task.originalRequest.url)
  const to = await transportSecurity.upgrade(url)
  return to.origin === home.origin && asked.origin !== home.origin && !task.keys.redirects.trusted
}
