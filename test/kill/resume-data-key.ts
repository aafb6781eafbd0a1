/** The key that signs the resume data of these tests, in every process of theirs. */
export const resumeDataKey = (): Uint8Array => new Uint8Array(32).fill(7)
