import {cpSync, existsSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The program that is killed: how it is told to fetch to F in a folder, and to continue what is there. */
export interface Driver {
  readonly name: string
  /** What Node is told to run. */
  readonly program: string
  get(url: string, folder: string): readonly string[]
  resume(url: string, folder: string): readonly string[]
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const order = (url: string, folder: string) => ({url, options: {directory: folder, fileName: 'F'}})

/** The built command line, copied to a folder where no later build can disturb it. */
export function binaryDriver(folder: string): Driver {
  const program = join(folder, 'bin', 'run.js')
  if (!existsSync(path('../../dist/main.js'))) {
    throw new Error('There is no built binary: run "npm run build" first, or pass --engine.')
  }
  for (const part of ['bin', 'dist', 'package.json', 'oclif.manifest.json']) {
    const source = path(`../../${part}`)
    if (existsSync(source)) cpSync(source, join(folder, part), {recursive: true})
  }
  symlinkSync(path('../../node_modules'), join(folder, 'node_modules'))
  return {
    name: 'ferry',
    program,
    get: (url, folder) => [program, 'get', url, '-o', join(folder, 'F'), '--retry', '0', '-s', '-S'],
    resume: (_url, folder) => [program, 'resume', join(folder, 'F.ferry'), '-s', '-S']
  }
}

/** The engine alone, in a process of its own. */
export function engineDriver(): Driver {
  const program = path('transfer.ts')
  return {
    name: 'engine',
    program,
    get: (url, folder) => [program, JSON.stringify(order(url, folder))],
    resume: (url, folder) => [
      program,
      JSON.stringify({...order(url, folder), resume: join(folder, 'F.ferry')})
    ]
  }
}
