/** Bytes that the tasks of one request may have. */
export const largestSubmission = 16 * 1024 * 1024
