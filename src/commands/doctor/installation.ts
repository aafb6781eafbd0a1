import {version} from '../../engine/index.ts'
import {finding} from './finding.ts'
import type {Finding} from './finding.ts'

/** Which ferry this is, and what it runs on. */
export function inspectInstallation(): Finding {
  const {platform, arch, versions} = process
  return finding(
    'ferry',
    'ok',
    `ferry ${version} on Node ${versions.node} (${platform} ${arch}, OpenSSL ${versions.openssl})`
  )
}
