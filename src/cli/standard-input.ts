/** All of standard input, for a flag. Whoever has forgotten the pipe is told that it is the terminal that is read. */
export async function readStandardInput(flag: string): Promise<Buffer> {
  if (process.stdin.isTTY) process.stderr.write(`${flag} reads this terminal: type it, then ^D\n`)
  const {buffer} = await import('node:stream/consumers')
  return buffer(process.stdin)
}
