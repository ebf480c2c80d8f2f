import type { Observable } from 'rxjs'
import type { OrderRequest } from '../../orders/index.js'
import type { Placed } from '../command.js'
import type { NotSent, Rejected, Unresolved, UnresolvedCause } from '../errors/errors.js'
import type { ActiveSession } from '../requests/command-queue.js'
import type { UnresolvedOrders } from './unresolved-orders.js'

/**
 * State of an order that has been sent. `open`: no reply yet, or an Unresolved that is not
 * resolved.
 */
export type RequestOutcome = 'open' | 'placed' | 'rejected' | 'unsent' | 'closed-by-caller'

/** End of a command to place an order. */
export type InFlightEnd =
  | { readonly _tag: 'Placed'; readonly placed: Placed }
  | { readonly _tag: 'Failed'; readonly error: NotSent | Rejected | Unresolved }

/**
 * One order from the instant it is written until its outcome is known. It goes on when its
 * subscriber leaves.
 */
export class InFlightOrder {
  readonly cid: string
  /** Connection that it is written to, where this login writes it. */
  readonly generation: number | undefined
  outcome: RequestOutcome = 'open'
  #end: InFlightEnd | undefined
  #tell: ((end: InFlightEnd) => void) | undefined

  constructor(cid: string, generation?: number) {
    this.cid = cid
    this.generation = generation
  }

  end(end: InFlightEnd): void {
    this.#end = end
    this.#tell?.(end)
  }

  /** Calls `tell` at the end, at once if it has ended. */
  whenEnded(tell: (end: InFlightEnd) => void): void {
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
export interface Resolution {
  readonly outcome: Exclude<RequestOutcome, 'open'>
  readonly order_no: string | undefined
}

/** Orders that were written, until their outcome is known. */
export interface InFlightOrders extends Pick<UnresolvedOrders, 'unresolved$'> {
  /** Writes the order now. Throws NotSent where the journal cannot be written. */
  submit(session: ActiveSession, order: OrderRequest, timeoutMs: number, expiry: Expiry): InFlightOrder
  /** Number of written orders whose subscribers have not been given an end. */
  readonly inFlight$: Observable<number>
  /** Emits once nothing that was written is without its end. */
  readonly idle$: Observable<void>
  /** Outcome of an order that was Unresolved, once it is known. */
  resolutionOf(cid: string): Resolution | undefined
  /** All orders of a symbol are to be cancelled: none that was written before is sent again. */
  doNotResend(symbol: string): void
  /** Ends what is still in flight as Unresolved, and then `unresolved$`. */
  end(cause: UnresolvedCause): void
}
