/** Is a field of a request one that tus or the draft give a meaning to, and that we write where we speak them? */
export function isProtocolField(name: string): boolean {
  return /^(?:tus-resumable|upload-(?:complete|incomplete|offset|length|draft-interop-version))$/i.test(name)
}
