// An esbuild plugin for the one file that every command starts from: what is imported later stays out of it, and no
// part of Node is loaded before the code that asks for it runs.
import {isBuiltin} from 'node:module'
import path from 'node:path'

// Own files that bring a whole library with them, or much that few runs need.
const ownParts = [
  'src/cli/run-oclif.ts',
  'src/commands/daemon/install.ts',
  'src/commands/daemon/run.ts',
  'src/commands/daemon/uninstall.ts',
  'src/commands/doctor.ts',
  'src/control/background/protocol/background-schemas.ts',
  'src/control/background/protocol/daemon-schemas.ts',
  'src/control/schemas.ts',
  'src/engine/resume-data-schema.ts',
  'src/profiles/profile-schema.ts'
]

/** Collects into `entryPoints` what has to be built beside the file: output name -> what to bundle. */
export function lateParts(root, entryPoints) {
  return {
    name: 'late-parts',
    setup(build) {
      build.onResolve({filter: /.*/}, ({path: name, kind, resolveDir}) => {
        if (kind !== 'dynamic-import' || isBuiltin(name)) return undefined
        const part = name.startsWith('.') ? path.relative(root, path.resolve(resolveDir, name)) : name
        if (name.startsWith('.') && !ownParts.includes(part.split(path.sep).join('/'))) return undefined
        const output = `late-${path.basename(part, '.ts')}`
        entryPoints[output] = part
        return {path: `./${output}.js`, external: true}
      })
      build.onResolve({filter: /.*/}, ({path: name, kind}) =>
        kind === 'import-statement' && isBuiltin(name) ? {path: name, namespace: 'late-builtin'} : undefined
      )
      build.onLoad({filter: /.*/, namespace: 'late-builtin'}, ({path: name}) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(name)})`
      }))
    }
  }
}
