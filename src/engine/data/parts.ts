import type {DataTask} from '../data-task.ts'
import {decisionOf} from '../exchange/decision.ts'
import type {BodySink} from '../exchange/exchange.ts'
import {lengthOf, PartsSink} from '../exchange/mixed-replace.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {URLResponse} from '../url-request.ts'

/**
 * Hands over a body whose parts replace each other (R54): for every part the delegate is told of a response, then gets
 * its content. It may end the task there; to become a download is not for a part, and counts as allow.
 */
export function partsSink(
  task: DataTask | UploadTask,
  {response, boundary, sink}: {response: URLResponse; boundary: string; sink: BodySink}
): PartsSink {
  const {delegate} = task.session
  return new PartsSink(boundary, {
    begin: async (part, headers) => {
      const head: URLResponse = {...response, headers, expectedContentLength: lengthOf(headers), part}
      const disposition = await decisionOf(task, delegate.didReceiveResponse?.(task, head))
      if (disposition !== 'cancel') return
      task.stop('cancel')
      throw new TransferError('CANCELLED', `The delegate refused part ${part}`)
    },
    write: bytes => sink.write(bytes),
    end: () => {}
  })
}
