// A download that is paused half-way from a second process, resumed, and proved: the real ferry, a server on this
// machine, a folder that is removed afterwards.
import {createHash} from 'node:crypto'
import {mkdir, mkdtemp, readdir, readFile, rm, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {ferryIn} from './demo/ferry.mjs'
import {startOrigin} from './demo/origin.mjs'

const mebibyte = 1024 * 1024
const name = 'harbour.img'
const size = 24 * mebibyte
const rate = 4 * mebibyte
const patience = 60_000
const started = Date.now()

const isStyled = process.stdout.isTTY === true && !process.env.NO_COLOR
const styled = (code, text) => (isStyled ? `\x1b[${code}m${text}\x1b[0m` : text)
const say = text => process.stdout.write(`${text}\n`)
const headline = text => say(`\n${styled('1', text)}`)
const command = words => say(styled('36', `  $ ferry ${words.join(' ')}`))
const quote = text => text && say(text.replace(/^/gm, '    '))
const mib = bytes => `${(bytes / mebibyte).toFixed(1)} MiB`

function expect(holds, what) {
  if (!holds) throw new Error(what)
}

async function tour({folder, ferry, origin}) {
  const get = ['get', origin.url]
  headline(`1. A server on this machine offers ${name}: ${mib(size)}, at ${mib(rate)} a second.`)
  command(get)
  const first = ferry.show(get)
  const midway = await Promise.race([origin.untilSent(size / 2), first.then(() => 'ended')])
  expect(midway !== 'ended', 'ferry get ended before the pause')
  const {id, lines} = await pauseFromOutside(ferry)
  const {code} = await first

  headline('2. Half-way, a second process asked for a pause.')
  for (const {words, output} of lines) {
    command(words)
    quote(output)
  }
  say(`  The first process ended with exit code ${code}: paused, to be continued.`)
  expect(code === 114, `ferry get should end with 114 (paused), not with ${code}`)

  headline('3. What is on disk now:')
  const held = await showFolder(folder)

  headline('4. On from there, in a third process.')
  const resume = ['resume', id]
  command(resume)
  const resumed = await ferry.show(resume)
  expect(resumed.code === 0, `ferry resume should end with 0, not with ${resumed.code}`)

  headline('5. Is it the right file?')
  await prove({folder, origin, held})
}

async function pauseFromOutside(ferry) {
  const tasks = ['tasks', '--json']
  const listed = await ferry.ask(tasks)
  const running = JSON.parse(listed.output).tasks.find(({actions}) => actions.includes('pause'))
  expect(running, 'ferry tasks should list the running transfer')
  const pause = ['pause', running.id]
  const paused = await ferry.ask(pause)
  expect(paused.code === 0, `ferry pause should end with 0, not with ${paused.code}: ${paused.output}`)
  const facts = `{"id": "${running.id}", "state": "${running.state}", "bytes": ${running.bytes}, "total": ${running.total}, ...}`
  return {
    id: running.id,
    lines: [
      {words: tasks, output: facts},
      {words: pause, output: paused.output}
    ]
  }
}

async function showFolder(folder) {
  for (const entry of (await readdir(folder)).sort()) {
    const {size: length} = await stat(path.join(folder, entry))
    say(`    ${entry.padEnd(18)} ${String(length).padStart(10)} bytes`)
  }
  const {bytesReceived, response} = JSON.parse(await readFile(path.join(folder, `${name}.ferry`), 'utf8'))
  say(`  ${name} is not there before it is whole: the bytes so far wait in ${name}.part.`)
  say(`  ${name}.ferry knows that ${mib(bytesReceived)} of version ${response.entityTag} are safe.`)
  expect(!(await readdir(folder)).includes(name), `${name} should not be there yet`)
  expect(bytesReceived > 0 && bytesReceived < size, 'the pause should have come half-way')
  return bytesReceived
}

async function prove({folder, origin, held}) {
  const sha256 = createHash('sha256')
    .update(await readFile(path.join(folder, name)))
    .digest('hex')
  say(`    served    sha256 ${origin.sha256}`)
  say(`    received  sha256 ${sha256}`)
  expect(sha256 === origin.sha256, 'the file is not the one that was served')
  for (const {method, range, status} of origin.requests) {
    say(
      `    the server saw: ${method} ${range ? `from byte ${/\d+/.exec(range)[0]} on` : 'everything'} -> ${status}`
    )
  }
  expect(origin.requests.at(-1).range === `bytes=${held}-`, 'the resume should ask for the rest only')
  const left = await readdir(folder)
  expect(left.length === 1, `nothing but ${name} should be left, but there is: ${left.join(', ')}`)
  say('  The same bytes; only the rest was asked for, and nothing else is left in the folder.')
}

async function main() {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ferry-demo-'))
  const folder = path.join(scratch, 'downloads')
  await mkdir(folder)
  const ferry = ferryIn({folder, home: path.join(scratch, 'home')})
  const origin = await startOrigin({name, size, rate})
  let impatience
  const stopped = new Promise((_resolve, reject) => {
    impatience = setTimeout(() => reject(new Error('it takes too long')), patience)
    process.once('SIGINT', () => reject(new Error('it was interrupted')))
    process.once('SIGTERM', () => reject(new Error('it was told to stop')))
  })
  try {
    await Promise.race([tour({folder, ferry, origin}), stopped])
    headline(
      styled('32', `Done in ${((Date.now() - started) / 1000).toFixed(1)} s: everything is as it should be.`)
    )
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`\n${styled('31', `The demo failed: ${error.message}`)}\n`)
  } finally {
    clearTimeout(impatience)
    await ferry.stopAll()
    origin.close()
    await rm(scratch, {recursive: true, force: true, maxRetries: 3})
  }
}

await main()
