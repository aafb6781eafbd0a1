import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Stage} from './stage.ts'

export const tools = ['curl', 'wget', 'aria2c', 'ferry', 'node'] as const
export type Tool = (typeof tools)[number]

/** One thing to do, and how each tool is told to do it. */
export interface Case {
  readonly name: string
  readonly title: string
  readonly commands: Readonly<Partial<Record<Tool, readonly string[]>>>
  /** Names below the targets' folder, with the files that they must equal. */
  readonly expected: readonly (readonly [target: string, served: string])[]
  /** What the sink has to have received: a name of its own, and at least so many bytes. */
  readonly received?: {readonly name: string; readonly bytes: number}
  /** What ferry aims at: so many times the other's time, at most. */
  readonly goal: {readonly ratio: number; readonly against: Tool}
  /** Rounds for each one asked for: short runs scatter more. */
  readonly repeat: number
}

const program = [process.execPath, fileURLToPath(new URL('../bin/run.js', import.meta.url))]
const ferry = [...program, 'get', '-q']
const ferryUpload = [...program, 'upload', '-q']
// Nobody's settings may decide: each tool leaves its own configuration files alone.
const curl = ['curl', '-q', '--silent', '--show-error']
const wget = ['wget', '--no-config', '--no-verbose']
const aria2c = ['aria2c', '--no-conf', '--quiet', '--file-allocation=none']
const parallel = 16

/** The commands of one plain download; what a tool needs besides comes between. */
function downloads(url: string, target: string): Record<'curl' | 'wget' | 'aria2c' | 'ferry', string[]> {
  const slash = target.lastIndexOf('/')
  const [folder, name] = [target.slice(0, slash), target.slice(slash + 1)]
  return {
    curl: [...curl, '-o', target, url],
    wget: [...wget, '-O', target, url],
    aria2c: [...aria2c, '-d', folder, '-o', name, url],
    ferry: [...ferry, '-o', target, url]
  }
}

function plain(stage: Stage): Case {
  return {
    name: 'http',
    title: `${readable(stage.sizes.large)} over http`,
    commands: downloads(stage.url('large'), join(stage.targets, 'large')),
    expected: [['large', 'large']],
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

function secured(stage: Stage): Case {
  const commands = downloads(stage.tlsUrl('large'), join(stage.targets, 'large'))
  const {authority} = stage
  return {
    name: 'https',
    title: `${readable(stage.sizes.large)} over https`,
    commands: {
      curl: [...commands.curl, '--cacert', authority],
      wget: [...commands.wget, `--ca-certificate=${authority}`],
      aria2c: [...commands.aria2c, `--ca-certificate=${authority}`],
      ferry: [...commands.ferry, '--cacert', authority]
    },
    expected: [['large', 'large']],
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

function many(stage: Stage): Case {
  const {folder, targets, smallNames, sizes} = stage
  const [list, config] = [join(folder, 'list'), join(folder, 'curl-config')]
  const urls = smallNames.map(name => stage.url(`small/${name}`))
  writeFileSync(list, `${urls.join('\n')}\n`)
  const lines = smallNames.map((name, index) => `url = "${urls[index]}"\noutput = "${join(targets, name)}"\n`)
  writeFileSync(config, lines.join(''))
  const [jobs, hostJobs] = [String(parallel), '--parallel-max-host']
  return {
    name: 'many',
    title: `${sizes.smallCount} files of ${readable(sizes.small)}, ${parallel} at once (wget: one)`,
    commands: {
      curl: [...curl, '--parallel', '--parallel-max', jobs, '--config', config],
      wget: [...wget, '-i', list, '-P', targets],
      aria2c: [...aria2c, '-i', list, '-d', targets, '-j', jobs],
      ferry: [...ferry, '-i', list, '-P', targets, '-j', jobs, hostJobs, jobs]
    },
    expected: smallNames.map(name => [name, `small/${name}`] as const),
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

function start(stage: Stage): Case {
  return {
    name: 'start',
    title: '1 KiB: what a start costs',
    commands: {
      ...downloads(stage.url('tiny'), join(stage.targets, 'tiny')),
      node: [process.execPath, '-e', '0']
    },
    expected: [['tiny', 'tiny']],
    goal: {ratio: 2.5, against: 'node'},
    repeat: 4
  }
}

function checked(stage: Stage): Case {
  const target = join(stage.targets, 'checked')
  const commands = downloads(stage.url('checked'), target)
  const {sha256} = stage
  return {
    name: 'sha256',
    title: `${readable(stage.sizes.checked)} with its SHA-256 proved`,
    commands: {
      curl: thenProved(commands.curl, {target, sha256}),
      wget: thenProved(commands.wget, {target, sha256}),
      aria2c: [...commands.aria2c, `--checksum=sha-256=${sha256}`],
      ferry: [...commands.ferry, '--sha256', sha256]
    },
    expected: [['checked', 'checked']],
    goal: {ratio: 0.85, against: 'curl'},
    repeat: 1
  }
}

function thenProved(
  words: readonly string[],
  {target, sha256}: {target: string; sha256: string}
): readonly string[] {
  return ['sh', '-c', `"$@" && echo '${sha256}  ${target}' | sha256sum --check --status`, 'sh', ...words]
}

function upload(stage: Stage): Case {
  const [file, url] = [join(stage.folder, 'root', 'large'), stage.sinkUrl('upload')]
  return {
    name: 'upload',
    title: `${readable(stage.sizes.large)} sent with PUT`,
    commands: {
      curl: [...curl, '-T', file, url],
      wget: [...wget, '-O', '/dev/null', '--method=PUT', `--body-file=${file}`, url],
      ferry: [...ferryUpload, file, url]
    },
    expected: [],
    received: {name: 'upload', bytes: stage.sizes.large},
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

function form(stage: Stage): Case {
  const [field, url] = [`file=@${join(stage.folder, 'root', 'large')}`, stage.sinkUrl('form')]
  return {
    name: 'form',
    title: `${readable(stage.sizes.large)} sent in a form`,
    commands: {curl: [...curl, '-F', field, url], ferry: [...ferryUpload, '-F', field, url]},
    expected: [],
    received: {name: 'form', bytes: stage.sizes.large},
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

function sparse(stage: Stage): Case {
  const [file, url] = [join(stage.folder, 'sparse'), stage.sinkUrl('sparse')]
  return {
    name: 'sparse',
    title: `${readable(stage.sizes.sparse)} sent from a sparse file`,
    commands: {curl: [...curl, '-T', file, url], ferry: [...ferryUpload, file, url]},
    expected: [],
    received: {name: 'sparse', bytes: stage.sizes.sparse},
    goal: {ratio: 1, against: 'curl'},
    repeat: 1
  }
}

export const makeCases: readonly ((stage: Stage) => Case)[] = [
  plain,
  secured,
  many,
  start,
  checked,
  upload,
  form,
  sparse
]

function readable(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  const power = Math.floor(Math.log2(bytes) / 10)
  return `${bytes / 1024 ** power} ${units[power]}`
}
