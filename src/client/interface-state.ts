/** What the server says of an exchange interface. */
export interface InterfaceState {
  readonly code: number
  /** The code's name, or `STATE_<n>` for one that this version does not know. */
  readonly name: string
  /** The server's own words. */
  readonly msg: string
}
