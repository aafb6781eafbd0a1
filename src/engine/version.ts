/** This package's version; the default User-Agent names it. */
export const version = '0.1.0'
