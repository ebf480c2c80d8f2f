import {
  catchError,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs'
import type { OrderRequest } from '../command.js'
import type { OrderLedger, OrderState } from '../views/ledger/index.js'
import type { Line, Link } from '../wire/line.js'
import { looksLike } from './look-alike.js'
import type { Settings } from '../options.js'
import type { Snapshots } from '../views/snapshots.js'
import { isProof, type Verdict } from './verdict.js'

/** An order as it was, or is about to be, written. */
export interface Intent {
  readonly cid: string
  readonly order: OrderRequest
  /** In ms since 1970. */
  readonly sentAt: number
  /** Orders first seen after this mark of the ledger may be it. */
  readonly mark: number
  /** Feature `cid`: until when the server may take it, in ms since 1970. */
  readonly validUntil: number | undefined
  readonly epoch: string | undefined
  /** Whether its age has run out, by whichever clock. */
  readonly isTooOld: () => boolean
}

/** Finds out what became of an order whose reply has not come. */
export interface ProofFinder {
  /** The first proof, whenever it comes. */
  proofOf(intent: Intent): Observable<Exclude<Verdict, { _tag: 'Unsure' }>>
  /** Asks the server for what would show the order. Emits nothing. */
  lookFor(intent: Intent): Observable<never>
  /** Orders that look like it, and are not known to be another. */
  candidates(intent: Intent): readonly OrderState[]
}

interface Dependencies {
  readonly settings: Settings
  readonly line: Line
  readonly ledger: OrderLedger
  readonly snapshots: Snapshots
  readonly soleTrader: boolean
  /** Replies to it that came after their request had ended. */
  readonly late$: (intent: Intent) => Observable<Verdict>
  readonly mayBeRepeated: (intent: Intent) => boolean
  /** Writes the order again, with its old cid. */
  readonly writeAgain: (link: Link, intent: Intent) => Observable<Verdict>
  /** Whether an order is known to come from another placeOrder. */
  readonly isTaken: (order: OrderState) => boolean
  /** Other orders of unknown fate that a candidate might as well be. */
  readonly rivals: (intent: Intent) => number
  /** The fate of an order of ours has become known: what others may be is judged anew. */
  readonly landed$: Observable<unknown>
}

export function createProofFinder(deps: Dependencies): ProofFinder {
  const { line, ledger, snapshots, soleTrader, late$, mayBeRepeated, writeAgain, isTaken, rivals, landed$ } = deps
  const { clock, scheduler, settleWithinMs } = deps.settings

  const placedAs = ({ cid }: Intent, { order_no }: OrderState): Verdict => ({
    _tag: 'Placed',
    placed: { order_no, cid },
  })

  /** Only while the server that got it remembers it, and would refuse it if it came too late. */
  const maySendAgain = (link: Link, { validUntil, epoch, isTooOld }: Intent): boolean =>
    link.features.has('cid') &&
    epoch !== undefined &&
    link.epoch === epoch &&
    validUntil !== undefined &&
    clock.wall() < validUntil &&
    !isTooOld()

  const candidates = (intent: Intent): readonly OrderState[] =>
    ledger
      .seenSince(intent.mark)
      .filter((order) => order.cid === undefined && looksLike(order, intent.order, intent.sentAt) && !isTaken(order))

  /** The order carries our cid. */
  const bySight = (intent: Intent): Observable<Verdict> =>
    defer(() => {
      const known = ledger.findByCid(intent.cid)
      return known === undefined ? ledger.state$.pipe(filter((order) => order.cid === intent.cid)) : of(known)
    }).pipe(map((order) => placedAs(intent, order)))

  /** Nobody else trades the account, and there is one order that it can be, and it the only one that order can be. */
  const bySoleTrader = (intent: Intent): Observable<Verdict> =>
    soleTrader
      ? merge(ledger.state$, landed$).pipe(
          startWith(undefined),
          // First, rivals or none: what is looked at is not forgotten.
          map(() => candidates(intent)),
          filter(() => rivals(intent) === 0),
          filter((found) => found.length === 1),
          // Where no price is told it may be an order at another.
          filter(([only]) => intent.order.order_type === 'MARKET' || only?.price !== null),
          map((found) => placedAs(intent, found[0] as OrderState)),
        )
      : EMPTY

  /** The server knows the cid: it replies as it did before, or takes the order now if it never saw it. */
  const bySendingAgain = (intent: Intent): Observable<Verdict> =>
    line.ready$.pipe(
      switchMap((ready) => {
        const { link } = line
        if (!ready || link === null || !mayBeRepeated(intent) || !maySendAgain(link, intent)) return EMPTY
        return writeAgain(link, intent).pipe(
          // Only an order proves anything: the second frame may have been refused for a reason of its own (a void token, too
          // many requests) by a server that has taken the first.
          filter((verdict) => verdict._tag === 'Placed'),
          catchError(() => EMPTY),
        )
      }),
    )

  return {
    candidates,
    proofOf: (intent) =>
      merge(bySight(intent), late$(intent), bySoleTrader(intent), bySendingAgain(intent)).pipe(
        filter(isProof),
        take(1),
      ),
    lookFor: ({ order }) =>
      // Twice: an order that the exchange was slow to take may not be listed yet.
      timer(0, settleWithinMs / 2, scheduler).pipe(
        take(2),
        tap(() => snapshots.lookAtOrders(order.symbol)),
        ignoreElements(),
      ),
  }
}
