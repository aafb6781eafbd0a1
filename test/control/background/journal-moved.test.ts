import {copyFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, eventOf, openedJournal, snapshot, submitTo} from './journal-stage.ts'
import type {OpenedJournal} from './journal-stage.ts'

const session = 'work'

function submitted({journal}: OpenedJournal): string {
  const task = downloadTask()
  submitTo(journal, {session, snapshot, tasks: [task]}, [eventOf('task.created', task.id)])
  return task.id
}

function removeJournal(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
}

describe('A journal whose file is taken away while it is open', () => {
  it.each<[string, (folder: string) => void]>([
    ['deleted', removeJournal],
    ['moved', folder => renameSync(join(folder, 'journal.sqlite'), join(folder, 'elsewhere'))],
    ['replaced by a copy', replaceByCopy],
    ['replaced by something else', replaceByText]
  ])('is written again with all that is in it: %s', async (_what, take) => {
    const folder = join(scratchFolder(), 'background')
    const opened = await openedJournal(folder)
    const before = submitted(opened)
    take(folder)
    const after = submitted(opened)
    opened.journal.change(before, {state: 'completed'})
    expect(opened.reports.map(({message}) => message)).toEqual([expect.stringContaining('was written again')])
    expect(statSync(join(folder, 'journal.sqlite')).mode & 0o777).toBe(0o600)
    opened.journal.close()
    const {journal, reports} = await openedJournal(folder)
    expect(journal.task(before)?.state).toBe('completed')
    expect(journal.task(after)?.state).toBe('waiting')
    expect(journal.events(session, {after: -1, limit: 10}).map(({seq}) => seq)).toEqual([0, 1])
    expect(reports).toEqual([])
  })

  it('keeps what was found under its name', async () => {
    const folder = join(scratchFolder(), 'background')
    const opened = await openedJournal(folder)
    replaceByText(folder)
    submitted(opened)
    expect(readdirSync(folder)).toContainEqual(expect.stringMatching(/^journal\.sqlite\.replaced-\d+$/))
  })

  it('takes nothing where it cannot be written again', async () => {
    const folder = join(scratchFolder(), 'background')
    const opened = await openedJournal(folder)
    rmSync(folder, {recursive: true})
    writeFileSync(folder, 'no folder')
    expect(() => submitted(opened)).toThrow()
    rmSync(folder)
    const id = submitted(opened)
    opened.journal.close()
    expect((await openedJournal(folder)).journal.task(id)?.state).toBe('waiting')
  })
})

// As a program does that keeps files in two places alike.
function replaceByCopy(folder: string): void {
  const path = join(folder, 'journal.sqlite')
  copyFileSync(path, `${path}~`)
  renameSync(`${path}~`, path)
}

function replaceByText(folder: string): void {
  const path = join(folder, 'journal.sqlite')
  rmSync(path)
  writeFileSync(path, 'something else')
}
