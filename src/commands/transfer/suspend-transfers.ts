import {batchExitCode, exitCodes} from '../../cli/exit-codes.ts'
import {usageError} from '../../cli/usage-error.ts'
import {DownloadTask, Session, TransferError, UploadTask} from '../../engine/index.ts'
import type {Task} from '../../engine/index.ts'
import {recordWriter} from '../../ui/task-record.ts'
import {openStandardOutput} from './outlets.ts'
import type {TransferRun} from './run-transfers.ts'
import {openStage} from './stage.ts'

type Waiting = DownloadTask | UploadTask

/** Writes the tasks of a run down instead of starting them (`--suspended`); resolves to the exit code. */
export async function suspendTransfers(run: TransferRun): Promise<number> {
  const stdout = openStandardOutput(run.output.format, () => {})
  const record = recordWriter({exitCode: error => exitCodes[error.code], sessionName: run.session.name})
  const stage = await openStage(run, {stdout, record})
  const session = new Session(run.session.configuration, stage.delegate, stage.environment)
  const suspended: Waiting[] = []
  const failures: TransferError[] = []
  try {
    for (const made of await run.makeTasks(session)) {
      const result = await suspend(made)
      if (result instanceof TransferError) failures.push(result)
      else suspended.push(result)
    }
    await session.finishTasksAndInvalidate()
  } finally {
    await stage.close()
  }
  if (run.output.format === 'paths' && !run.flags.silent) {
    for (const task of suspended) await stdout.write(`${nameOf(task, run)}\n`)
  }
  stage.speaker.fail(failures.map(error => ({error})))
  await stage.finishReport(suspended, failures)
  await stdout.flushed()
  return batchExitCode(failures.map(({code}) => exitCodes[code]))
}

// Nobody lists the tasks of an ephemeral session: what is left of them are their files.
function nameOf({id, resumeData}: Waiting, {session}: TransferRun): string {
  return session.configuration.kind === 'ephemeral' ? (resumeData ?? id) : id
}

async function suspend(task: Task | TransferError): Promise<Waiting | TransferError> {
  if (task instanceof TransferError) return task
  if (!(task instanceof DownloadTask || task instanceof UploadTask))
    throw usageError('--suspended is for downloads into files')
  try {
    await task.suspendToResumeData()
    return task
  } catch (error) {
    if (error instanceof TransferError) return error
    throw error
  }
}
