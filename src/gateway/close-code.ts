/**
 * Codes with which the gateway closes a connection: of RFC 6455 where one fits, otherwise of the
 * private range, ending like the HTTP status of the same meaning.
 */
export const CloseCode = {
  /** The gateway is being shut down. */
  GOING_AWAY: 1001,
  /** A frame above the size limit (sent by the WebSocket library). */
  TOO_BIG: 1009,
  /** A fault of the gateway's own. */
  INTERNAL_ERROR: 1011,
  /** The gateway holds as many connections as it may: try again later. */
  TOO_MANY_CONNECTIONS: 1013,
  /** Nothing was heard for 15 s. */
  SILENT: 4408,
  /** No login was asked for in time. */
  LOGIN_DEADLINE: 4401,
  /** The other side does not read what it is sent. */
  SLOW_READER: 4413,
  /** More messages in a second than are allowed. */
  FLOOD: 4429,
} as const
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** A decision to end a connection. */
export interface Closing {
  readonly code: CloseCode
  readonly reason: string
}
