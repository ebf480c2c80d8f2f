/** Error that the user can correct: the command line prints its message without a stack. */
export class CliError extends Error {
  readonly _tag = 'CliError'
  override readonly name = 'CliError'
}
