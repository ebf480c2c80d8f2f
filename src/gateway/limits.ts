/** Limits of one gateway. Each closes, refuses or conflates with a message; none drops silently. */
export interface Limits {
  /** Connections at the same time; one more is closed with 1013. @default 1000 */
  readonly connections: number
  /**
   * Sockets at the same time that are no WebSocket yet, beside the connections; of more the oldest
   * are dropped.
   *
   * @default 512
   */
  readonly unfinishedUpgrades: number
  /** Longest time for a socket to become a WebSocket, in ms; then it is dropped. @default 5000 */
  readonly upgradeWithinMs: number
  /** Logins at the same time on one connection; one more is refused. @default 16 */
  readonly loginsPerConnection: number
  /** Symbols of one login; more are refused. @default 256 */
  readonly symbolsPerLogin: number
  /** Requests of one connection without their reply yet; one more is refused. @default 256 */
  readonly inFlightPerConnection: number
  /** Orders that one cancel may name; more are refused. @default 5000 */
  readonly ordersPerCancel: number
  /**
   * Messages that a connection may send within one second; more close it with 4429. One of more
   * than 512 characters counts for each 512 that it has begun: the protocol's own are smaller, and
   * reading one of 64 KiB blocks all connections for milliseconds. Pings and pongs of the WebSocket
   * are counted apart, to the same number.
   *
   * @default 2000
   */
  readonly messagesPerSecond: number
  /**
   * Bytes for a connection that have not left yet; more than this for `slowForMs` close it with
   * 4413, and meanwhile its requests are refused.
   * @default 262144
   */
  readonly pendingBytes: number
  /**
   * Longest time for which more than `pendingBytes` may be pending, in ms: a burst of the gateway
   * itself is not the reader's fault.
   * @default 1000
   */
  readonly slowForMs: number
  /** Bytes pending that close a connection with 4413 at once. @default 4194304 */
  readonly burstBytes: number
  /**
   * Bytes in a socket above which everything else waits, of tickers, order books and candles only
   * the newest.
   * @default 65536
   */
  readonly conflateAboveBytes: number
  /**
   * Longest time of a connection without a login request, in ms; then it is closed with 4401.
   * @default 30000
   */
  readonly loginWithinMs: number
  /** Longest silence of a connection, in ms; then it is closed with 4408. @default 15000 */
  readonly deadAfterMs: number
  /**
   * Longest time of an exchange for a command, in ms; then the gateway answers that the outcome is
   * unknown.
   * @default 9000
   */
  readonly answerWithinMs: number
  /** Pause before an exchange whose events ended is connected again, in ms. @default 5000 */
  readonly reopenAfterMs: number
}

export const defaultLimits: Limits = {
  connections: 1_000,
  unfinishedUpgrades: 512,
  upgradeWithinMs: 5_000,
  loginsPerConnection: 16,
  symbolsPerLogin: 256,
  inFlightPerConnection: 256,
  ordersPerCancel: 5_000,
  messagesPerSecond: 2_000,
  pendingBytes: 262_144,
  slowForMs: 1_000,
  burstBytes: 4_194_304,
  conflateAboveBytes: 65_536,
  loginWithinMs: 30_000,
  deadAfterMs: 15_000,
  // Below the 10 s that our client waits for a reply: an answer that says "unknown" beats none.
  answerWithinMs: 9_000,
  reopenAfterMs: 5_000,
}
