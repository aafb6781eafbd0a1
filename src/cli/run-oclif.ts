import {Errors, run, settings} from '@oclif/core'

interface OclifError extends Error {
  readonly oclif?: {readonly exit?: number}
}

/** Lets oclif find the command, or print the help. Resolves to the exit code. */
export async function runOclif(root: string, argv: readonly string[]): Promise<number> {
  // oclif would look for a TypeScript compiler of its own liking when NODE_ENV says development or test.
  settings.enableAutoTranspile = false
  try {
    await run([...argv], {root, userPlugins: false, devPlugins: false, jitPlugins: false})
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return exitCodeOf(error as OclifError)
  }
}

function exitCodeOf(error: OclifError): number {
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0
  process.stderr.write(`ferry: ${error.message}\nNext: Look at the commands with: ferry --help\n`)
  return error.oclif?.exit ?? 2
}
