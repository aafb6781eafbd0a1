const secretWord =
  /auth|cookie|token|key|secret|passw|passphrase|pwd|credential|session|signature|jwt|assertion/i

/** Does a header of this name sound as if it carried what others must not see? Rather too often than too seldom. */
export function soundsSecret(name: string): boolean {
  return secretWord.test(name)
}
