import {cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const project = fileURLToPath(new URL('../..', import.meta.url))
const kerberos = join(project, 'node_modules/.kerberos/node_modules/kerberos')
const addon = 'build/Release/kerberos.node'

/** A copy of the built ferry that stands where `npm install --global` puts it. */
export interface Installation {
  /** The program to run. */
  readonly binary: string
  remove(): void
}

/** Installs ferry, and beside it the optional package kerberos or not. Throws where that package has not been built. */
export function installFerry(beside: 'kerberos' | 'brokenKerberos' | 'nothing'): Installation {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-installation-'))
  const modules = join(folder, 'lib/node_modules')
  const own = join(modules, 'ferry')
  mkdirSync(own, {recursive: true})
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(project, part), join(own, part), {recursive: true})
  }
  if (beside !== 'nothing') assertBuilt()
  if (beside === 'kerberos') symlinkSync(kerberos, join(modules, 'kerberos'))
  // What is left where its addon could not be built.
  if (beside === 'brokenKerberos') {
    cpSync(kerberos, join(modules, 'kerberos'), {recursive: true, filter: path => !path.endsWith(addon)})
  }
  return {
    binary: join(own, 'bin/run.js'),
    remove: () => rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  }
}

function assertBuilt(): void {
  if (!existsSync(join(kerberos, addon))) {
    throw new Error('The optional package kerberos is not built; build it with: npm run kerberos')
  }
}
