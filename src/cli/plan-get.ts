import {basename, dirname, resolve} from 'node:path'
import {parseAddress, urlRequest} from '../engine/index.ts'
import type {DataOptions, DownloadOptions, HeaderField, URLRequest} from '../engine/index.ts'
import {assertFamily} from './address-family.ts'
import {authenticationArguments} from './authentication-arguments.ts'
import type {AuthenticationArguments} from './authentication-arguments.ts'
import {readChecksums} from './checksum-argument.ts'
import type {ChecksumArgument} from './checksum-argument.ts'
import {conditionHeaders, newerThan} from './conditions.ts'
import {readInputFile} from './input-file.ts'
import {netrcWarnings} from './netrc-file.ts'
import {present} from './present.ts'
import {assertOneOrigin, requestHeaders} from './request-headers.ts'
import {savingRule} from './saving-rule.ts'
import type {SavingRule} from './saving-rule.ts'
import {taskOptions} from './task-options.ts'
import type {GetFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** One transfer that get is asked for, before there is a session. */
export type PlannedTransfer =
  | {
      readonly kind: 'download'
      readonly request: URLRequest
      readonly options: DownloadOptions
      /** Names under which a checksum file may list it. */
      readonly listedAs: readonly string[]
    }
  | {readonly kind: 'data'; readonly request: URLRequest; readonly options: DataOptions}
  | {
      readonly kind: 'head'
      readonly request: URLRequest
      readonly options: DataOptions
      /** Where the head is written; - is standard output. */
      readonly output: string
    }

export interface GetPlan {
  readonly transfers: readonly PlannedTransfer[]
  readonly checksums: readonly ChecksumArgument[]
  /** What of the content for standard output becomes a file instead. */
  readonly saving: SavingRule | undefined
  readonly warnings: readonly string[]
}

interface Target {
  readonly address: URL
  readonly output: string | undefined
}

/** Words to transfers: every URL with its request, its target and what has to hold. Rejects before anything is sent. */
export async function planGet(flags: GetFlags, operands: readonly string[]): Promise<GetPlan> {
  const targets = await readTargets(flags, operands)
  assertConsistent(flags, targets)
  const saving = savingRule(flags)
  const who = await authenticationArguments(flags)
  const warnings = [...who.warnings, ...(await netrcWarnings(flags))]
  const shared = [
    ...(await requestHeaders(flags)),
    ...(await conditionHeaders(flags)),
    ...rangeHeader(flags.range)
  ]
  const transfers: PlannedTransfer[] = []
  for (const target of targets) transfers.push(await planTransfer(flags, {target, headers: shared, who}))
  const empty = targets.length === 0 ? ['The list is empty: there is nothing to fetch'] : []
  return {transfers, checksums: readChecksums(flags), saving, warnings: [...warnings, ...empty]}
}

async function readTargets(flags: GetFlags, operands: readonly string[]): Promise<readonly Target[]> {
  const addresses = operands.map(parseAddress)
  for (const path of flags['input-file'] ?? []) addresses.push(...(await readInputFile(path)))
  const outputs = flags.output ?? []
  if (addresses.length === 0 && outputs.length === 0 && flags['input-file']) return []
  if (addresses.length === 0) throw usageError('There is nothing to fetch: give at least one URL')
  if (outputs.length > addresses.length)
    throw usageError('There are more -o than URLs: one for each, in the same order')
  return addresses.map((address, index) => ({address, output: outputs[index]}))
}

function assertConsistent(flags: GetFlags, targets: readonly Target[]): void {
  const addresses = targets.map(({address}) => address)
  assertOneOrigin(flags, addresses)
  assertFamily(flags, addresses)
  if (flags['continue-at'] !== undefined && flags['continue-at'] !== '-') {
    throw usageError(
      '-C takes - only: an offset without a validator could join the bytes of two versions',
      'Leave it out: an interrupted download is continued by default.'
    )
  }
  assertVerifiable(flags)
  const single = (['etag-save', 'etag-compare', 'resume-data', 'sha256', 'time-cond'] as const).find(
    name => flags[name] !== undefined
  )
  if (targets.length > 1 && single !== undefined) throw usageError(`--${single} is for one URL at a time`)
  if (!flags.head) assertDistinct(targets)
  const toOutput = targets.some(({output}) => output === '-')
  if (toOutput && flags.json) throw usageError('--json and -o - exclude each other')
  const asksForSaving = flags['download-if'] !== undefined || flags['download-over'] !== undefined
  if (asksForSaving && !toOutput)
    throw usageError('--download-if and --download-over go with -o -; without it, all content becomes a file')
  if (flags['show-headers'] && !flags.head && targets.some(({output}) => output !== '-')) {
    throw usageError(
      '--show-headers goes with -o -; a file gets the content only',
      'Use -D FILE for the heads.'
    )
  }
}

function assertVerifiable(flags: GetFlags): void {
  if (flags['if-exists'] !== 'verify' || flags.checksum || flags.sha256) return
  throw usageError(
    '--if-exists verify needs a digest to hold the file against: --checksum or --sha256',
    'To fetch only what has changed use --if-changed.'
  )
}

// Names that the server chooses are compared when they are known; these can be compared before anything is sent.
function assertDistinct(targets: readonly Target[]): void {
  const files = targets.flatMap(({output}) =>
    output === undefined || output === '-' || output.startsWith('/dev/') ? [] : [resolve(output)]
  )
  const twice = files.find((file, index) => files.indexOf(file) !== index)
  if (twice === undefined) return
  throw usageError(
    `Two URLs have the same -o: ${JSON.stringify(basename(twice))}`,
    'Give each a name of its own; the later one would replace the other.'
  )
}

interface Planning {
  readonly target: Target
  readonly headers: readonly HeaderField[]
  readonly who: AuthenticationArguments
}

async function planTransfer(flags: GetFlags, {target, headers, who}: Planning): Promise<PlannedTransfer> {
  const {address, output} = target
  const method = flags.head ? 'HEAD' : (flags.request ?? 'GET')
  const options = present({
    ...taskOptions(flags),
    authentication: who.authentication,
    decode: flags.compressed,
    requireLength: flags['require-length']
  })
  if (method === 'HEAD') {
    return {kind: 'head', request: urlRequest(address, {method, headers}), options, output: output ?? '-'}
  }
  if (output === '-') {
    const download = {...downloadOptions(flags), directory: resolve(flags['output-dir'] ?? '.')}
    // What may become a file is asked for as files are: resumable, and with a length that can be compared.
    const isForFile = flags['download-if'] !== undefined || flags['download-over'] !== undefined
    const decode = flags.compressed ?? (isForFile ? false : undefined)
    const dataOptions = {...options, ...present({decode}), download}
    return {kind: 'data', request: urlRequest(address, {method, headers}), options: dataOptions}
  }
  const place = placeOf(flags, target)
  const condition = flags['if-changed'] ? await newerThan(place.directory, place.expectedName) : []
  return {
    kind: 'download',
    request: urlRequest(address, {method, headers: [...headers, ...condition]}),
    options: {
      ...options,
      ...downloadOptions(flags),
      ...present({fileName: place.fileName}),
      directory: place.directory
    },
    listedAs: [...new Set([urlName(address), place.expectedName])]
  }
}

function downloadOptions(flags: GetFlags): Partial<DownloadOptions> {
  const isUpdate = flags['if-changed'] === true
  return present({
    remoteHeaderName: flags['no-remote-header-name'] || isUpdate ? false : undefined,
    // What is compared with the server must be replaceable, and keeps the server's time for the next comparison.
    ifExists: flags['if-exists'] ?? (isUpdate ? ('replace' as const) : undefined),
    remoteTime: flags['remote-time'] || isUpdate ? true : undefined,
    createDirectories: flags['create-dirs'],
    resuming: flags['no-resume'] ? ('never' as const) : undefined,
    restarting: flags['no-restart'] ? ('refuse' as const) : undefined,
    resumeDataPath: flags['resume-data'] === undefined ? undefined : resolve(flags['resume-data'])
  })
}

interface Place {
  readonly directory: string
  readonly fileName: string | undefined
  /** The name that the file most likely gets. */
  readonly expectedName: string
}

function placeOf(flags: GetFlags, {address, output}: Target): Place {
  const folder = resolve(flags['output-dir'] ?? '.')
  if (output === undefined) return {directory: folder, fileName: undefined, expectedName: urlName(address)}
  if (output === '' || /[/\\]$/.test(output)) {
    throw usageError(
      '-o names a file; for a folder use -P DIR',
      'With -P the file keeps the name that the server gives it.'
    )
  }
  const path = resolve(folder, output)
  return {directory: dirname(path), fileName: basename(path), expectedName: basename(path)}
}

function urlName({pathname}: URL): string {
  const last = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

function rangeHeader(range: string | undefined): readonly HeaderField[] {
  if (range === undefined) return []
  const [, first, last] = /^(?=.*\d)(\d*)-(\d*)$/.exec(range) ?? []
  const isForward = !first || !last || BigInt(first) <= BigInt(last)
  if (first !== undefined && isForward) return [['Range', `bytes=${range}`]]
  throw usageError(
    '-r needs one range of bytes such as 0-499, 500- or -500',
    "wget's -r (recursive) has no equivalent: ferry fetches the URLs it is given."
  )
}
