import type {CommandDeclaration} from './cli/command.ts'
import {readFirstWord} from './cli/first-word.ts'
import type {CommandId} from './cli/first-word.ts'
import {reviveDaemon} from './commands/revive.ts'

const load: Readonly<Record<CommandId, () => Promise<CommandDeclaration>>> = {
  get: async () => (await import('./commands/get.ts')).get,
  upload: async () => (await import('./commands/upload.ts')).upload,
  pause: async () => (await import('./commands/pause.ts')).pause,
  resume: async () => (await import('./commands/resume.ts')).resume,
  cancel: async () => (await import('./commands/cancel.ts')).cancel,
  tasks: async () => (await import('./commands/tasks.ts')).tasks,
  wait: async () => (await import('./commands/wait.ts')).wait,
  sessions: async () => (await import('./commands/sessions.ts')).sessions,
  'sessions:create': async () => (await import('./commands/sessions/create.ts')).create,
  'sessions:show': async () => (await import('./commands/sessions/show.ts')).show,
  'sessions:set': async () => (await import('./commands/sessions/set.ts')).set,
  'sessions:unset': async () => (await import('./commands/sessions/unset.ts')).unset,
  'sessions:remove': async () => (await import('./commands/sessions/remove.ts')).remove,
  'sessions:reset': async () => (await import('./commands/sessions/reset.ts')).reset,
  'sessions:flush': async () => (await import('./commands/sessions/flush.ts')).flush,
  'sessions:invalidate': async () => (await import('./commands/sessions/invalidate.ts')).invalidate,
  'sessions:attach': async () => (await import('./commands/sessions/attach.ts')).attach,
  'sessions:ack': async () => (await import('./commands/sessions/ack.ts')).ack,
  daemon: async () => (await import('./commands/daemon.ts')).daemon,
  'daemon:status': async () => (await import('./commands/daemon/status.ts')).status,
  'daemon:stop': async () => (await import('./commands/daemon/stop.ts')).stop,
  'daemon:install': async () => (await import('./commands/daemon/install.ts')).install,
  'daemon:uninstall': async () => (await import('./commands/daemon/uninstall.ts')).uninstall,
  'daemon:run': async () => (await import('./commands/daemon/run.ts')).run,
  doctor: async () => (await import('./commands/doctor.ts')).doctor
}

/**
 * Runs the command line; root is the package's folder. A command starts by itself, because loading oclif takes longer
 * than most of them run; the help, which is rarely in a hurry, is oclif's, and so is every command for those who load
 * them through oclif.
 */
export async function main(root: string, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const first = readFirstWord(argv)
  switch (first.kind) {
    case 'command': {
      const command = await load[first.id]()
      const running = command.run(first.argv)
      const looksOnly = first.id === 'doctor' || first.id.startsWith('daemon')
      const revival = looksOnly ? undefined : reviveDaemon(first.argv)
      const code = await running
      await revival
      return end(code === 'help' ? await withOclif(root, [...first.id.split(':'), '--help']) : code)
    }
    case 'help':
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
