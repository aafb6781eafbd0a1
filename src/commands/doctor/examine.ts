import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {planGet} from '../../cli/plan-get.ts'
import type {PlannedTransfer} from '../../cli/plan-get.ts'
import {resolveConfiguration} from '../../cli/resolve-configuration.ts'
import {resumeDataKey} from '../../control/resume-data-key.ts'
import {chooseSession, sessionName} from '../../cli/session-choice.ts'
import type {GetFlags} from '../../cli/transfer-flags.ts'
import type {Places} from '../../control/places.ts'
import {
  inspectStoredCredentials,
  inspectStores,
  parseAddress,
  SessionConfiguration,
  TransferError
} from '../../engine/index.ts'
import type {CredentialInspection, StoreInspection} from '../../engine/index.ts'
import {readProfile} from '../../profiles/profile-file.ts'
import {maskUrl} from '../../ui/mask.ts'
import {readHooks} from '../transfer/hooks/hook.ts'
import {inspectAddress} from './address.ts'
import {inspectBackground} from './background.ts'
import {inspectEnvironment} from './environment.ts'
import {finding, problem, warning} from './finding.ts'
import type {Finding} from './finding.ts'
import {inspectFolders} from './folders.ts'
import {inspectHooks} from './hooks.ts'
import {inspectInstallation} from './installation.ts'
import type {Section} from './report.ts'
import {inspectChanges, inspectProfile} from './session.ts'
import {inspectCredentialStore, inspectStore} from './stores.ts'
import {inspectTransfer} from './transfer.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What is examined, and where. */
export interface Patient {
  readonly flags: GetFlags
  readonly operands: readonly string[]
  readonly places: Places
  readonly environment: Environment
}

/** Looks at everything that decides about the transfers of a command line; sends nothing and changes nothing. */
export async function examine(patient: Patient): Promise<readonly Section[]> {
  const {flags, operands, places, environment} = patient
  const plan = operands.length === 0 && !flags['input-file'] ? undefined : await planned(patient)
  const session = await inspectSession(patient)
  const stores = await storesOf(patient, session.configuration)
  try {
    const general = [
      inspectInstallation(),
      ...(await inspectFolders(places)),
      ...inspectEnvironment(environment),
      ...(plan?.findings ?? []),
      ...session.findings,
      ...(stores ? inspectStore(stores.store) : []),
      ...(stores ? inspectCredentialStore(stores.credentials) : []),
      ...(await inspectBackground(places))
    ]
    const key = await keyOf(places)
    const configuration = session.configuration
    const context = {
      configuration,
      key,
      environment,
      stores: stores?.store,
      spaces: stores?.credentials.spaces ?? []
    }
    const sections: Section[] = []
    for (const transfer of plan?.transfers ?? []) {
      const url = maskUrl(transfer.request.url.href)
      sections.push({url, findings: await inspectTransfer(transfer, context)})
    }
    return [{url: undefined, findings: general}, ...sections, ...(plan?.addresses ?? [])]
  } finally {
    stores?.store.close()
  }
}

interface Planned {
  readonly findings: readonly Finding[]
  readonly transfers: readonly PlannedTransfer[]
  /** Where there is no plan: the addresses alone. */
  readonly addresses: readonly Section[]
}

async function planned({flags, operands}: Patient): Promise<Planned> {
  // Here it is the report that they shape, and standard output may be the target all the same.
  const {json: _json, events: _events, ...words} = flags
  try {
    const {transfers, warnings} = await planGet(words, operands)
    const hint = 'See docs/security.md for safer ways.'
    const findings = warnings.map(message => warning('command', message, hint))
    return {findings, transfers, addresses: []}
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    return {findings: [problem('command', error)], transfers: [], addresses: operands.flatMap(addressAlone)}
  }
}

function addressAlone(operand: string): readonly Section[] {
  try {
    const url = parseAddress(operand)
    return [{url: maskUrl(url.href), findings: inspectAddress(url)}]
  } catch {
    return []
  }
}

interface Chosen {
  readonly findings: readonly Finding[]
  /** Undefined: no transfer can run. */
  readonly configuration: SessionConfiguration | undefined
}

const certificateCodes: ReadonlySet<string> = new Set(['CA_FILE', 'CLIENT_CERTIFICATE'])

async function inspectSession({flags, places, environment}: Patient): Promise<Chosen> {
  const findings: Finding[] = []
  try {
    const warn = (sentence: string): void => {
      findings.push(warning('session', sentence, 'It decides where secrets go.'))
    }
    const profile = await readProfile(sessionName(flags), {folder: places.config, warn})
    findings.push(...inspectProfile(profile, environment))
    const changes = await resolveConfiguration(flags)
    const {configuration, warnings, hooks} = await chooseSession(flags, {changes, folder: places.config})
    findings.push(...inspectHooks(readHooks(flags, hooks), environment['PATH'] ?? ''))
    const notes = warnings.map(message => finding('session', 'note', message))
    return {findings: [...findings, ...inspectChanges(configuration, profile), ...notes], configuration}
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    const topic = certificateCodes.has(error.code) ? 'trust' : 'session'
    return {findings: [...findings, problem(topic, error)], configuration: undefined}
  }
}

interface StoresFound {
  readonly store: StoreInspection
  readonly credentials: CredentialInspection
}

async function storesOf(
  {flags, places}: Patient,
  configuration: SessionConfiguration | undefined
): Promise<StoresFound | undefined> {
  if (configuration === undefined || configuration.kind === 'ephemeral') return undefined
  const where = {folder: places.state, session: sessionName(flags)}
  return {store: await inspectStores(where), credentials: await inspectStoredCredentials(where)}
}

// Asking for the key would make one.
async function keyOf({state}: Places): Promise<Uint8Array | undefined> {
  return existsSync(join(state, 'resume.key')) ? resumeDataKey(state, () => {})() : undefined
}
