/** ^C at a question, before anything had begun: there is nothing to report and nothing to keep. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
