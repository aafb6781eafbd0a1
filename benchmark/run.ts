// Compares ferry with curl, wget and aria2 on this machine: `npm run benchmark -- --rounds 5`.
import {spawnSync} from 'node:child_process'
import {accessSync, constants, mkdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {arch, cpus, platform} from 'node:os'
import {delimiter, join} from 'node:path'
import {parseArgs} from 'node:util'
import {makeCases, tools} from './cases.ts'
import type {Case, Tool} from './cases.ts'
import {makeMeter} from './measure.ts'
import type {Measurement, Meter} from './measure.ts'
import {openStage} from './stage.ts'
import type {Sizes, Stage} from './stage.ts'
import {formatTable} from './table.ts'

const usage = `npm run benchmark -- [--rounds N] [--quick] [--only NAME,...]
  --rounds N   rounds of each case (5); one more warms up
  --quick      small sizes and 2 rounds: shows that it works, says little about speed
  --only       http, https, many, start, sha256, upload, form, sparse
`
const mebibyte = 1024 ** 2
const full: Sizes = {
  large: 1024 * mebibyte,
  checked: 512 * mebibyte,
  small: 10 * 1024,
  smallCount: 5000,
  sparse: 10 * 1024 * mebibyte
}
const quick: Sizes = {
  large: 64 * mebibyte,
  checked: 32 * mebibyte,
  small: 10 * 1024,
  smallCount: 200,
  sparse: 128 * mebibyte
}
const packages: Readonly<Record<string, string>> = {nginx: 'nginx-light', aria2c: 'aria2'}

interface Plan {
  readonly rounds: number
  readonly sizes: Sizes
  readonly only: readonly string[]
}

function readWords(): Plan {
  try {
    const {values} = parseArgs({
      options: {rounds: {type: 'string'}, quick: {type: 'boolean'}, only: {type: 'string'}}
    })
    const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
    if (!Number.isSafeInteger(rounds) || rounds < 1)
      throw new Error('--rounds takes a whole number from 1 on')
    return {rounds, sizes: values.quick ? quick : full, only: values.only?.split(',') ?? []}
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, {cause: error})
  }
}

function locate(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first line of what a program says about its version. */
function versionOf(words: readonly string[]): string {
  const [program = '', ...args] = words
  const {stdout, stderr} = spawnSync(program, args, {encoding: 'utf8'})
  return (stdout || stderr || '').split('\n')[0]?.trim() ?? ''
}

function describeMachine(nginx: string): string {
  const facts = [
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${platform()} ${arch()}, Node ${process.version}`,
    versionOf([nginx, '-v']),
    ...['curl', 'wget', 'aria2c'].filter(locate).map(name => versionOf([name, '--version']))
  ]
  return facts.map(fact => `- ${fact}`).join('\n')
}

/** A round is each tool once, in turn: what disturbs the machine for a while disturbs all of them. */
async function measureCase(one: Case, {stage, meter, rounds}: Bench): Promise<Map<Tool, Measurement[]>> {
  const commands = tools.flatMap(tool => {
    const words = one.commands[tool]
    return words && (tool === 'ferry' || tool === 'node' || locate(tool)) ? [{tool, words}] : []
  })
  const results = new Map<Tool, Measurement[]>(commands.map(({tool}) => [tool, []]))
  for (let round = 0; round <= rounds * one.repeat; round++) {
    for (const {tool, words} of commands) {
      rmSync(stage.targets, {recursive: true, force: true})
      mkdirSync(stage.targets)
      const measurement = await meter(words)
      if (tool !== 'node') assertArrived(stage, {one, tool, thorough: round === 0})
      if (round > 0) results.get(tool)?.push(measurement)
    }
  }
  return results
}

interface Bench {
  readonly stage: Stage
  readonly meter: Meter
  readonly rounds: number
}

// Speed with wrong bytes is none: lengths are compared each time, contents once.
function assertArrived(
  stage: Stage,
  {one, tool, thorough}: {one: Case; tool: Tool; thorough: boolean}
): void {
  for (const [target, served] of one.expected) {
    const [path, original] = [join(stage.targets, target), join(stage.folder, 'root', served)]
    const isSame =
      statSync(path).size === statSync(original).size &&
      (!thorough || readFileSync(path).equals(readFileSync(original)))
    if (!isSame) throw new Error(`${tool} left something else than the file in the case ${one.name}`)
  }
  const {received} = one
  if (received && Number(readFileSync(join(stage.targets, received.name), 'utf8')) < received.bytes)
    throw new Error(`${tool} sent less than the file in the case ${one.name}`)
}

async function main(): Promise<void> {
  const plan = readWords()
  const [nginx, missing] = [
    locate('nginx'),
    ['curl', 'wget', 'aria2c', 'nginx'].filter(name => !locate(name))
  ]
  for (const name of missing) {
    process.stderr.write(`${name} is missing on this machine; Debian has it in ${packages[name] ?? name}\n`)
  }
  if (!nginx || missing.includes('curl')) throw new Error('nginx and curl are needed; nothing was measured')
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const stage = await openStage(nginx, plan.sizes)
  try {
    const meter = makeMeter(stage, interruption.signal)
    process.stdout.write(`${describeMachine(nginx)}\n\n`)
    for (const makeCase of makeCases) {
      const one = makeCase(stage)
      if (plan.only.length > 0 && !plan.only.includes(one.name)) continue
      const results = await measureCase(one, {stage, meter, rounds: plan.rounds})
      process.stdout.write(`${formatTable(one, results)}\n`)
    }
  } finally {
    await stage.close()
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
