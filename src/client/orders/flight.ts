import type { Observable } from 'rxjs'
import type { OrderRequest } from '../../orders/index.js'
import type { Placed } from '../command.js'
import type { NotSent, Rejected, Unknown, UnknownCause } from '../errors.js'
import type { Link } from '../requests/line.js'
import type { UnsettledOrders } from './unsettled.js'

/**
 * State of an order that has been sent. `open`: no reply yet, or an Unknown that is not resolved.
 */
export type Fate = 'open' | 'placed' | 'rejected' | 'unsent' | 'closed-by-caller'

/** End of a command to place an order. */
export type FlightEnd =
  | { readonly _tag: 'Placed'; readonly placed: Placed }
  | { readonly _tag: 'Failed'; readonly error: NotSent | Rejected | Unknown }

/**
 * One order from the instant it is written until its outcome is known. It goes on when its
 * subscriber leaves.
 */
export class Flight {
  readonly cid: string
  /** Connection that it is written to, where this login writes it. */
  readonly generation: number | undefined
  fate: Fate = 'open'
  #end: FlightEnd | undefined
  #tell: ((end: FlightEnd) => void) | undefined

  constructor(cid: string, generation?: number) {
    this.cid = cid
    this.generation = generation
  }

  end(end: FlightEnd): void {
    this.#end = end
    this.#tell?.(end)
  }

  /** Calls `tell` at the end, at once if it has ended. */
  whenEnded(tell: (end: FlightEnd) => void): void {
    this.#tell = tell
    if (this.#end !== undefined) tell(this.#end)
  }
}

/** Time until which the server may take an order, by our clocks. */
export interface Expiry {
  readonly validUntil: number | undefined
  readonly isTooOld: () => boolean
}

/** End of an order whose outcome was unknown for a while. */
export interface Settled {
  readonly fate: Exclude<Fate, 'open'>
  readonly order_no: string | undefined
}

/** Orders that were written, until their outcome is known. */
export interface Flights extends Pick<UnsettledOrders, 'unsettled$'> {
  /** Writes the order now. Throws NotSent where the journal cannot be written. */
  launch(link: Link, order: OrderRequest, timeoutMs: number, expiry: Expiry): Flight
  /** Number of written orders whose subscribers have not been given an end. */
  readonly inFlight$: Observable<number>
  /** Emits once nothing that was written is without its end. */
  readonly landed$: Observable<void>
  /** Outcome of an order that was Unknown, once it is known. */
  settledAs(cid: string): Settled | undefined
  /** All orders of a symbol are to be cancelled: none that was written before is sent again. */
  sweep(symbol: string): void
  /** Ends what is still in flight as Unknown, and then `unsettled$`. */
  end(cause: UnknownCause): void
}
