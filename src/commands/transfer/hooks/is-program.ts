import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, join} from 'node:path'

/** Is there such a program, by its path or in the folders of this PATH? Windows knows them by endings that the name need not have. */
export function isProgram(program: string, path: string): boolean {
  if (process.platform === 'win32') return true
  const places = program.includes('/')
    ? [program]
    : path.split(delimiter).map(folder => join(folder, program))
  return places.some(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
