import {execFileSync} from 'node:child_process'
import {renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {locateProgram} from './program.ts'

const missing = 'libfaketime is not installed; install faketime (apt-get install faketime)'

function locateLibrary(): string {
  const program = locateProgram({name: 'dpkg', package: 'dpkg'})
  let files: string[]
  try {
    files = execFileSync(program, ['--listfiles', 'libfaketime'], {stdio: 'pipe'}).toString().split('\n')
  } catch (error) {
    throw new Error(missing, {cause: error})
  }
  const library = files.find(path => path.endsWith('/libfaketimeMT.so.1'))
  if (library === undefined) throw new Error(missing)
  return library
}

/** The wall clock of a program, which a test can set while it runs; its monotonic clock goes on as it is. */
export class FakeClock {
  readonly #path = join(scratchFolder(), 'clock')
  readonly #library = locateLibrary()

  constructor(time: 'right' | 'a year ahead') {
    this.set(time)
  }

  set(time: 'right' | 'a year ahead'): void {
    writeFileSync(`${this.#path}.new`, time === 'right' ? '+0\n' : '+1y\n')
    // The program reads it at every look at the clock, and must never find half of it.
    renameSync(`${this.#path}.new`, this.#path)
  }

  /** Variables for the program. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1'
    }
  }
}
