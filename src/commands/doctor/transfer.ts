import type {PlannedTransfer} from '../../cli/plan-get.ts'
import {inspectDownload} from '../../engine/index.ts'
import type {ProtectionSpace, SessionConfiguration, StoreInspection} from '../../engine/index.ts'
import {inspectAddress, inspectScheme} from './address.ts'
import {inspectCache, inspectFileCache} from './cache.ts'
import {inspectCredentials} from './credentials.ts'
import {finding} from './finding.ts'
import type {Finding} from './finding.ts'
import {inspectProxy} from './proxy.ts'
import {inspectCookies, inspectGivenCookies} from './stores.ts'
import {inspectResume, inspectTarget} from './target.ts'
import {inspectTrust} from './trust.ts'

/** What a transfer meets on this machine. */
export interface Context {
  readonly configuration: SessionConfiguration | undefined
  readonly stores: StoreInspection | undefined
  /** Where the session has stored credentials for. */
  readonly spaces: readonly ProtectionSpace[]
  /** The user's key for resume data, if there is one. */
  readonly key: Uint8Array | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What would happen to one transfer. */
export async function inspectTransfer(
  transfer: PlannedTransfer,
  context: Context
): Promise<readonly Finding[]> {
  const {url} = transfer.request
  const {stores} = context
  const strictHost = url.protocol === 'http:' ? stores?.strictHost(url) : undefined
  return [
    ...inspectAddress(url),
    ...inspectScheme(url, strictHost),
    ...(await inspectDestination(transfer, context)),
    ...(await inspectWay(transfer, {context, asked: strictHost === undefined ? url : secured(url)}))
  ]
}

async function inspectDestination(
  transfer: PlannedTransfer,
  {configuration, key}: Context
): Promise<readonly Finding[]> {
  if (transfer.kind !== 'download') return [finding('target', 'ok', 'standard output: nothing to resume')]
  const {request, options} = transfer
  const sessionKind = configuration?.kind ?? 'default'
  const inspection = await inspectDownload({request, options, sessionKind, key})
  return [...inspectTarget(inspection), ...inspectResume(inspection)]
}

async function inspectWay(
  {kind, request, options}: PlannedTransfer,
  {context, asked}: {context: Context; asked: URL}
): Promise<readonly Finding[]> {
  const {configuration, stores, environment, spaces} = context
  if (!configuration) return []
  const keys = configuration.keysFor(asked)
  return [
    ...inspectProxy(keys.proxy, {url: asked, environment}),
    ...(await inspectTrust(keys.tls, asked)),
    ...inspectGivenCookies(request),
    ...inspectCookies(stores?.cookieNames(asked) ?? [], keys),
    ...inspectCredentials({
      request: {...request, url: asked},
      authentication: options.authentication,
      keys,
      spaces
    }),
    ...(kind === 'data' ? inspectCache(await stores?.answer(asked), keys) : inspectFileCache(keys))
  ]
}

function secured(url: URL): URL {
  const secure = new URL(url)
  secure.protocol = 'https:'
  return secure
}
