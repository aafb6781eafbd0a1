/** What to do about a server that says it has of an upload what it cannot have, or has lost: its word continues nothing. */
export const notBelieved =
  'Send the file again, from zero; if that ends in the same way, as a plain request (--resumable none).'
