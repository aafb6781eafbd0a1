import {existsSync, readdirSync, statSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {daemonLogPath, journalPath} from '../../control/background/background-folder.ts'
import type {DaemonFacts} from '../../control/background/daemon-facts.ts'
import {readMark} from '../../control/background/unfinished-mark.ts'
import type {Places} from '../../control/places.ts'
import {TransferError, version} from '../../engine/index.ts'
import {formatBytes} from '../../ui/units.ts'
import {workWords} from '../daemon/status.ts'
import {finding, trouble, warning} from './finding.ts'
import type {Finding} from './finding.ts'

/** The background service: whether it runs, its journal and its log, and whether it comes back with the machine. */
export async function inspectBackground(
  places: Pick<Places, 'runtime' | 'state'>
): Promise<readonly Finding[]> {
  try {
    const {runningDaemon} = await import('../../control/background/daemon/running-daemon.ts')
    const facts = await runningDaemon(places)
    const files = await inspectFiles(places, facts)
    return [...(facts ? running(facts) : [resting(places)]), ...files, await inspectService()]
  } catch (error) {
    if (error instanceof TransferError) return [trouble('background', error)]
    throw error
  }
}

function running({pid, version: its, tasks}: DaemonFacts): readonly Finding[] {
  const here = finding('background', 'ok', `runs: process ${pid}; tasks: ${workWords(tasks)}`)
  if (its === version) return [here]
  const hint = 'To change over: ferry daemon stop, and then any ferry resume or --background.'
  return [here, warning('background', `it is ferry ${its}, and this is ferry ${version}`, hint)]
}

function resting({state}: Pick<Places, 'state'>): Finding {
  switch (readMark(state)) {
    case 'unfinished':
      return finding(
        'background',
        'note',
        'does not run although tasks wait: the next ferry command, such as ferry tasks, starts it'
      )
    case 'stopped':
      return finding(
        'background',
        'note',
        'was stopped: its tasks go on with ferry resume, or with the next of --background'
      )
    case 'none':
      return finding('background', 'ok', 'does not run: it has nothing to do, and starts when it has')
  }
}

async function inspectFiles(
  {state}: Pick<Places, 'state'>,
  facts: DaemonFacts | undefined
): Promise<readonly Finding[]> {
  const [journal, log] = [journalPath(state), daemonLogPath(state)]
  const findings: Finding[] = []
  if (existsSync(journal)) {
    const unreadable = facts ? undefined : await journalTrouble(dirname(journal))
    const size = formatBytes(statSync(journal).size)
    findings.push(unreadable ?? finding('background', 'ok', `journal: ${journal}, ${size}`))
  }
  for (const path of putAside(journal)) {
    const hint = 'The log says what could be saved of it. Remove it when you do not need it any more.'
    findings.push(warning('background', `a damaged journal was put aside: ${path}`, hint))
  }
  if (existsSync(log)) findings.push(finding('background', 'ok', `log: ${log}`))
  return findings
}

async function journalTrouble(folder: string): Promise<Finding | undefined> {
  const {openJournalReader} = await import('../../control/background/journal/read-journal.ts')
  try {
    const reader = await openJournalReader(folder)
    reader?.close()
    return undefined
  } catch (error) {
    if (error instanceof TransferError) return trouble('background', error)
    throw error
  }
}

function putAside(journal: string): readonly string[] {
  const folder = dirname(journal)
  if (!existsSync(folder)) return []
  const beginning = `${basename(journal)}.damaged-`
  return readdirSync(folder)
    .filter(name => name.startsWith(beginning) && !/-(wal|shm)$/.test(name))
    .map(name => join(folder, name))
}

async function inspectService(): Promise<Finding> {
  const {serviceOfUser} = await import('../daemon/user-service.ts')
  const {ownerOf} = await import('../../control/background/installation/service-files.ts')
  const {files} = serviceOfUser()
  const owners = await Promise.all(files.map(({path}) => ownerOf(path)))
  const paths = files.map(({path}) => path).join(', ')
  if (owners.includes('somebody')) {
    const hint = 'Move it away before ferry daemon install.'
    return warning('background', `not all of this was made by ferry: ${paths}`, hint)
  }
  return owners.includes('ferry')
    ? finding('background', 'ok', `goes on by itself after a restart of the machine: ${paths}`)
    : finding(
        'background',
        'note',
        'after a restart of the machine it goes on with the next ferry command; by itself after ferry daemon install'
      )
}
