/** State of an exchange interface, as the server reports it. */
export interface InterfaceState {
  readonly code: number
  /** The code's name, or `STATE_<n>` for one that this version does not know. */
  readonly name: string
  /** The server's own words. */
  readonly msg: string
}
