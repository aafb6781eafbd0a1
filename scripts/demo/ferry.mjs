// The built ferry, as a person would start it in one terminal or another.
import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** `folder` is where it runs; what it remembers goes to `home`. */
export function ferryIn({folder, home}) {
  const running = new Map()

  function start(words, stdio) {
    const environment = {...process.env, FERRY_HOME: home}
    const child = spawn(process.execPath, [program, ...words], {cwd: folder, env: environment, stdio})
    const output = []
    child.stdout?.on('data', bytes => output.push(bytes))
    child.stderr?.on('data', bytes => output.push(bytes))
    const ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        running.delete(child)
        resolve({code: code ?? signal, output: Buffer.concat(output).toString().trimEnd()})
      })
    })
    running.set(child, ended)
    return ended
  }

  return {
    /** In this terminal: its progress is seen. */
    show: words => start(words, 'inherit'),
    /** In another terminal: what it says is kept. */
    ask: words => start(words, ['ignore', 'pipe', 'pipe']),
    /** Not by SIGKILL: on an old Node, the process is a go-between that has to pass the signal on. */
    async stopAll() {
      for (const child of running.keys()) child.kill('SIGTERM')
      await Promise.allSettled(running.values())
    }
  }
}
