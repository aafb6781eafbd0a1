/** The last part of an address, decoded: what a file of it is likely to be called. The host where there is none. */
export function urlName({host, pathname}: URL): string {
  const last = pathname.split('/').findLast(part => part !== '')
  return last === undefined ? host : decoded(last)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
