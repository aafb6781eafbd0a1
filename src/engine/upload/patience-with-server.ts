/** Milliseconds: who gives an upload up does not wait long for its server to hear of it. */
export const patienceWithServer = 5000
