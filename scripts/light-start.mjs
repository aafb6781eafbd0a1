// An esbuild plugin for a quick start: a 1 KiB download must not pay for hashing, compression, threads, TLS or HTTP/2.
// Own sources import those parts of Node as usual; in the bundle they are loaded when first called.
import path from 'node:path'
import {pathToFileURL} from 'node:url'

const deferred = ['crypto', 'fs/promises', 'os', 'timers/promises', 'worker_threads', 'zlib']
// Not the hashing thread: it needs all of its parts at once, and no stand-in can speak through parentPort.
const ownSource = /[\\/]src[\\/](?!engine[\\/]download[\\/]digest-worker\.ts$)/
const undici = /[\\/]node_modules[\\/]undici[\\/]/

export const lightStart = {
  name: 'light-start',
  setup(build) {
    deferBuiltins(build)
    requireBuiltins(build)
    slimUndici(build)
  }
}

function deferBuiltins(build) {
  const filter = new RegExp(`^node:(${deferred.join('|')})$`)
  build.onResolve({filter}, ({path: name, importer, kind}) =>
    kind === 'import-statement' && ownSource.test(importer) ? {path: name, namespace: 'deferred'} : undefined
  )
  build.onLoad({filter: /.*/, namespace: 'deferred'}, async ({path: name}) => {
    const members = Object.entries(await import(name)).filter(([member]) => member !== 'default')
    const lines = members.map(([member, value]) => deferredMember(name, {member, value}))
    return {
      contents: [`const load = () => process.getBuiltinModule(${JSON.stringify(name)})`, ...lines].join('\n')
    }
  })
}

function deferredMember(name, {member, value}) {
  if (typeof value === 'function') {
    return `export function ${member}(...values) {
      return new.target ? new (load().${member})(...values) : load().${member}(...values)
    }`
  }
  // Objects (constants) are looked into when they are used; plain values are copied by nobody here.
  return `export const ${member} = new Proxy({}, {get: (_target, key) => load().${member}[key]})`
}

// An import statement makes Node look at every member of a built-in part, and so load all that the part has in reserve.
function requireBuiltins(build) {
  build.onResolve({filter: /^node:(buffer|fs|path|util|net|url)$/}, ({path: name, kind}) =>
    kind === 'import-statement' ? {path: name, namespace: 'required'} : undefined
  )
  build.onLoad({filter: /.*/, namespace: 'required'}, async ({path: name}) => {
    const members = Object.keys(await import(name)).filter(member => member !== 'default')
    // Marked pure, so that members nobody uses are left out and not looked at.
    const lines = members.map(member => `export const ${member} = /* @__PURE__ */ take('${member}')`)
    const whole = `const whole = process.getBuiltinModule(${JSON.stringify(name)})`
    return {
      contents: [whole, 'const take = member => whole[member]', 'export default whole', ...lines].join('\n')
    }
  })
}

// Only the agent is used, whose HTTP/2 half brings half of Node with it and is rarely asked for.
function slimUndici(build) {
  build.onResolve({filter: /^undici$/}, ({resolveDir}) => ({
    path: 'agent',
    namespace: 'undici-agent',
    pluginData: resolveDir
  }))
  build.onLoad({filter: /.*/, namespace: 'undici-agent'}, ({pluginData}) => ({
    contents: `export {default as Agent} from 'undici/lib/dispatcher/agent.js'
      export {default as buildConnector} from 'undici/lib/core/connect.js'`,
    resolveDir: pluginData
  }))
  build.onResolve({filter: /\/client-h2\.js$/}, ({path: file, resolveDir, importer, namespace}) =>
    undici.test(importer) && namespace === 'file'
      ? {path: path.join(resolveDir, file), namespace: 'http2-later', pluginData: resolveDir}
      : undefined
  )
  build.onLoad({filter: /.*/, namespace: 'http2-later'}, ({path: file, pluginData}) => ({
    contents: `let connect
      module.exports = (...values) => (connect ??= require(${JSON.stringify(file)}))(...values)`,
    resolveDir: pluginData
  }))
  // Tables that take milliseconds to make, of which two are looked into.
  build.onLoad({filter: /[\\/]undici[\\/]lib[\\/]llhttp[\\/]constants\.js$/}, async ({path: file}) => {
    const {TYPE, ERROR} = (await import(pathToFileURL(file).href)).default
    return {contents: `module.exports = ${JSON.stringify({TYPE, ERROR})}`}
  })
  // Bodies that are forms of undici's own: ferry sends none.
  build.onResolve({filter: /\/web\/(fetch\/(body\.js|formdata)|webidl)$/}, ({path: name, importer}) =>
    undici.test(importer) ? {path: name, namespace: 'undici-spares'} : undefined
  )
  build.onLoad({filter: /.*/, namespace: 'undici-spares'}, () => ({contents: 'module.exports = {}'}))
  // What Node itself sets when it bundles undici: without the second parser, which nobody chooses here.
  build.initialOptions.define = {...build.initialOptions.define, esbuildDetection: 'true'}
  build.onResolve({filter: /^node:(assert|http)$/}, ({path: name, importer}) =>
    undici.test(importer) && !importer.endsWith('client-h2.js')
      ? {path: name, namespace: 'undici-needs'}
      : undefined
  )
  build.onLoad({filter: /.*/, namespace: 'undici-needs'}, ({path: name}) => ({contents: smallPart[name]}))
}

// What undici's agent really uses of these two.
const smallPart = {
  'node:assert': `const fail = message => { throw new Error(message || 'undici: assertion failed') }
    module.exports = Object.assign((value, message) => { if (!value) fail(message) }, {
      strictEqual: (one, other) => { if (one !== other) fail() },
      notStrictEqual: (one, other) => { if (one === other) fail() }
    })`,
  'node:http': 'module.exports = {maxHeaderSize: 16384, IncomingMessage: class {}}'
}
