import type { Observable } from 'rxjs'
import type { OrderRequest } from '../../orders/index.js'
import type { Placed } from '../command.js'
import type { UnknownCause } from '../errors.js'
import type { Link } from '../requests/line.js'
import type { UnsettledOrders } from './unsettled.js'

/** State of an order that has been sent. `open`: no reply yet, or an Unknown that is not resolved. */
export type Fate = 'open' | 'placed' | 'rejected' | 'unsent' | 'closed-by-caller'

/** One order from the instant it is written until its fate is known. It goes on when its subscriber leaves. */
export interface Flight {
  readonly cid: string
  readonly fate: Fate
  /** Replays the end: the reply, or Rejected, Unknown or NotSent. */
  readonly outcome$: Observable<Placed>
}

/** When an order may no longer be taken by the server, by our clocks. */
export interface Expiry {
  readonly validUntil: number | undefined
  readonly isTooOld: () => boolean
}

/** The end of an order whose fate was unknown for a while. */
export interface Settled {
  readonly fate: Exclude<Fate, 'open'>
  readonly order_no: string | undefined
}

/** The orders that were written, until their fate is known. */
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
