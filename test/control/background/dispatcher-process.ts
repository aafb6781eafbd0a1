import type {Journal} from '../../../src/control/background/journal.ts'
import {dispatcherFor, openJournalIn} from './open-dispatcher.ts'

// node dispatcher-process.ts FOLDER run | dieBeforeEnd: takes up what is in the journal, until it is killed. dieBeforeEnd:
// by itself, when a file has its name and the journal is about to hear of it.
const [folder = '', plot = ''] = process.argv.slice(2)

function dying(journal: Journal): Journal {
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...words: readonly unknown[]) => {
        const change = words[1] as {state?: string} | undefined
        if (name === 'change' && change?.state === 'completed') process.kill(process.pid, 'SIGKILL')
        return Reflect.apply(value, target, words) as unknown
      }
    }
  })
}

const opened = await openJournalIn(folder, console.error)
const journal = plot === 'dieBeforeEnd' ? dying(opened) : opened
await dispatcherFor(folder, {journal, report: console.error}).begin()
process.stdout.write('begun\n')
