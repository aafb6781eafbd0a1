/** Answers of data tasks that may be used again (NSURLCache; RFC 9111). */
export class ResponseCache {
  /** Forgets everything. */
  async reset(): Promise<void> {}
}
