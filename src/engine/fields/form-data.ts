/**
 * Content-Disposition of a field of a form (RFC 7578, 4.2 and 5.1): names are UTF-8 as they are; what would end the quoted
 * word or the line is percent-encoded, as browsers do it.
 */
export function formatFormData({name, fileName}: {name: string; fileName: string | undefined}): string {
  const named = `form-data; name="${escapeName(name)}"`
  return fileName === undefined ? named : `${named}; filename="${escapeName(fileName)}"`
}

function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
