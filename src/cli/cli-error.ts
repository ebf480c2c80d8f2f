/** Something that the user can mend: its message is all he needs to see. */
export class CliError extends Error {
  readonly _tag = 'Trouble'
  override readonly name = 'Trouble'
}
