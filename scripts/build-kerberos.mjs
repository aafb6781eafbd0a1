// Builds the optional package kerberos for the tests, from source and beside the dependencies: package.json, the lock
// file and a later `npm install` know nothing of it. Needs a C++ compiler, make, python3 and libkrb5-dev.
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {arch, platform} from 'node:os'
import path from 'node:path'

const version = '7.0.0'
const modules = path.join(import.meta.dirname, '..', 'node_modules')
const folder = path.join(modules, '.kerberos')
// The project's own Node brings its headers, so that none have to be fetched. The addon uses Node-API alone, which
// makes one build good for every Node.
const headers = path.join(modules, `node-${platform()}-${arch()}`)

mkdirSync(folder, {recursive: true})
const project = {private: true, allowScripts: {[`kerberos@${version}`]: true}}
writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project))
const words = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `kerberos@${version}`]
execFileSync('npm', words, {
  cwd: folder,
  stdio: 'inherit',
  env: {
    ...process.env,
    npm_config_prefix: undefined,
    npm_config_local_prefix: undefined,
    npm_config_build_from_source: 'true',
    ...(existsSync(headers) ? {npm_config_nodedir: headers} : {})
  }
})
