import {closeSync, openSync, readFileSync, statSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {DaemonLog, logSince} from '../../../src/control/background/daemon/daemon-log.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const mebibyte = 1024 * 1024

function newLog(clean = (sentence: string): string => sentence): {log: DaemonLog; path: string} {
  const path = join(scratchFolder(), 'daemon.log')
  return {log: new DaemonLog({path, clean}), path}
}

describe('The log of the daemon', () => {
  it('has a line for each sentence, with time and process, for this user alone', () => {
    const {log, path} = newLog(sentence => sentence.toUpperCase())
    log.write('is there')
    log.close()
    expect(readFileSync(path, 'utf8')).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${process.pid} IS THERE\\n$`)
    )
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('begins anew after a mebibyte, and keeps the one before it', () => {
    const {log, path} = newLog()
    const sentence = 'a'.repeat(100_000)
    for (let count = 0; count < 25; count++) log.write(`${count} ${sentence}`)
    log.close()
    const [now, before] = [path, `${path}.1`].map(each => readFileSync(each, 'utf8')) as [string, string]
    expect(now.length).toBeLessThan(mebibyte)
    expect(before.length).toBeLessThan(mebibyte + 200_000)
    expect(now).toContain(' 24 aaa')
    const numbers = [...`${before}${now}`.matchAll(/^\S+ \d+ (\d+) a/gm)].map(([, number]) => Number(number))
    expect(numbers).toEqual(Array.from({length: numbers.length}, (_, index) => 25 - numbers.length + index))
    expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600)
  })

  it('stays the file of the standard streams when it begins anew', () => {
    const {log, path} = newLog()
    const stream = openSync(path, 'a')
    for (let count = 0; count < 12; count++) log.write('a'.repeat(100_000))
    writeSync(stream, 'last words\n')
    closeSync(stream)
    log.close()
    expect(readFileSync(path, 'utf8')).toMatch(/last words\n$/)
  })

  it('tells what was added since, its last lines on one', () => {
    const {log, path} = newLog()
    log.write('before')
    const {size} = statSync(path)
    expect(logSince(path, size)).toBe('')
    log.write('one')
    log.write('two')
    log.close()
    expect(logSince(path, size)).toMatch(/ one \| \S+ \d+ two$/)
  })
})
