// A session with an identity and a memory: signs in where it is asked to, keeps cookies and answers in a folder for
// the next run, and tells where each answer came from.
//
//   EXAMPLE_USER=me EXAMPLE_PASSWORD=secret node docs/examples/session.mjs FOLDER URL...
import path from 'node:path'
import {Session, SessionConfiguration, TransferError, urlRequest} from 'ferry'

const [folder, ...addresses] = process.argv.slice(2)
if (folder === undefined || addresses.length === 0) {
  console.error('usage: node session.mjs FOLDER URL...')
  process.exit(2)
}

const configuration = SessionConfiguration.default({
  headers: {Accept: 'application/json, */*;q=0.5'},
  timeouts: {connect: 10, idle: 30},
  cookies: {accept: 'always'},
  cache: {policy: 'protocol', diskBytes: 16 * 1024 * 1024},
  // Passwords that worked are remembered while this program runs, and not longer.
  credentials: {persistence: 'session'}
})

const user = process.env.EXAMPLE_USER
const password = process.env.EXAMPLE_PASSWORD
const sizes = new Map()

const delegate = {
  // Asked for each server and realm that wants a name and password. Whoever answers says for whom the answer is: here
  // for the addresses on the command line, and never for a proxy or for wherever a redirection led to.
  didReceiveChallenge: (task, {protectionSpace, previousFailureCount}) => {
    const {protocol, host, port, realm, method, isProxy} = protectionSpace
    console.log(`${host} asks for ${method} in ${JSON.stringify(realm)}`)
    const {url} = task.originalRequest
    const own = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    const isOurs = !isProxy && protocol === url.protocol.slice(0, -1) && host === url.hostname && port === own
    if (!isOurs || previousFailureCount > 0 || user === undefined || password === undefined)
      return {disposition: 'performDefaultHandling'}
    return {disposition: 'useCredential', credential: {kind: 'password', user, password}}
  },
  willCacheResponse: (task, {size}) => (size > 1024 * 1024 ? 'deny' : 'store'),
  didReceiveData: (task, data) => void sizes.set(task, (sizes.get(task) ?? 0) + data.length),
  didFinishCollectingMetrics: (task, {transactionMetrics}) => {
    for (const {status, resourceFetchType, url} of transactionMetrics)
      console.log(`  ${status} ${resourceFetchType} ${url}`)
  }
}

const session = new Session(configuration, delegate, {
  name: 'example',
  stores: {folder: path.resolve(folder), report: error => console.error(`note: ${error.message}`)}
})

try {
  for (const address of addresses) {
    const task = session.dataTask(urlRequest(address))
    task.resume()
    const {error, response} = await task.outcome
    if (error) throw error
    console.log(`${response.status}, ${sizes.get(task) ?? 0} bytes`)
  }
  await session.flush()
} catch (error) {
  if (!(error instanceof TransferError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
} finally {
  await session.finishTasksAndInvalidate()
}
