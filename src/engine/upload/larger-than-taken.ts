/** What to do about a file that is larger than its server takes: no limit of this side is in the way. */
export const largerThanTaken = 'Send less, or ask the operator of the server to allow more.'
