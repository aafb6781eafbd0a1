import {readFirstWord} from './cli/first-word.ts'

/**
 * Runs the command line; root is the package's folder. get, which has to be quick, starts without oclif; help, the
 * version and all other commands are oclif's.
 */
export async function main(root: string, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const first = readFirstWord(argv)
  switch (first.kind) {
    case 'get': {
      const {get} = await import('./commands/get.ts')
      const code = await get.run(first.argv)
      return end(code === 'help' ? await withOclif(root, ['get', '--help']) : code)
    }
    case 'other':
      return end(await withOclif(root, first.argv))
    case 'unknown': {
      const {reportFailure} = await import('./commands/report-failure.ts')
      const {unknownCommand} = await import('./cli/unknown-command.ts')
      return end(await reportFailure(unknownCommand(first), {speech: 'all', format: 'paths'}))
    }
  }
}

async function withOclif(root: string, argv: readonly string[]): Promise<number> {
  const {runOclif} = await import('./cli/run-oclif.ts')
  return runOclif(root, argv)
}

// What still listens (a kept-alive socket, standard input) must not keep a finished command waiting.
function end(code: number): void {
  process.exitCode = code
  process.exit()
}
