import type { PlaceOrderReply } from '../protocol/index.js'

/** Settings of one command. */
export interface CommandOptions {
  /**
   * Longest wait until it is written, in ms.
   * @default orderMaxAgeMs or queryMaxAgeMs of the connection
   */
  readonly maxAgeMs?: number
  /**
   * Longest wait for its reply once it is written, in ms.
   * @default requestTimeoutMs of the connection
   */
  readonly timeoutMs?: number
}

/** A placed order: the server's reply. */
export type Placed = Pick<PlaceOrderReply, 'order_no'> & {
  /** Our own id of the request that made it. */
  readonly cid: string
}

/**
 * Orders to cancel. An empty list cancels all orders of the symbol: those that wait to be written
 * are taken back (NotSent, `taken-back`), and none that has no reply yet is sent again. More than
 * 1,000 go out one thousand after the other, and are answered as one.
 */
export interface CancelRequest {
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/** The settings of a command with the defaults filled in. */
export type CommandTimes = Required<CommandOptions>

/** A setting that is there and undefined is none. */
export const commandTimes = (
  { maxAgeMs, timeoutMs }: CommandOptions | undefined = {},
  defaults: CommandTimes,
): CommandTimes => ({ maxAgeMs: maxAgeMs ?? defaults.maxAgeMs, timeoutMs: timeoutMs ?? defaults.timeoutMs })

/**
 * Describes an invalid duration: NaN, from a variable that is not set, would lift a bound rather
 * than set it.
 */
export const wrongTimes = (times: CommandTimes): string | undefined => {
  const name = (['maxAgeMs', 'timeoutMs'] as const).find((each) => !(times[each] >= 0))
  return name === undefined ? undefined : `${name} should be 0 or more ms, but is ${times[name]}`
}
