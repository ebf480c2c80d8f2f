import {
  catchError,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  repeat,
  startWith,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs'
import type { OrderLedger, OrderState } from '../state/ledger/index.js'
import type { Line, Link } from '../requests/line.js'
import { matchesRequest, type OrderRequest } from '../../orders/index.js'
import type { Settings } from '../options.js'
import type { Snapshots } from '../state/snapshots.js'
import { isProof, type Verdict } from './verdict.js'

/** An order as it was, or is about to be, written. */
export interface Intent {
  readonly cid: string
  readonly order: OrderRequest
  /** In ms since 1970. */
  readonly sentAt: number
  /** An order first seen after this mark of the ledger may be this one. */
  readonly mark: number
  /** Losses of notices that the ledger counted when the order was sent. */
  readonly losses: number
  /** Feature `cid`: until when the server may take it, in ms since 1970. */
  readonly validUntil: number | undefined
  readonly epoch: string | undefined
  /** True if its age has run out, by either clock. */
  readonly isTooOld: () => boolean
  /**
   * Time since it was written, in ms: the larger of monotonic and wall time; Infinity where that is
   * not known.
   */
  readonly ageMs: () => number
}

/** Shortest time for which a server with feature `cid` remembers a cid. */
export const ASKABLE_FOR_MS = 86_400_000

/**
 * A second frame of an order. `again` may place it, where the first frame was lost; `ask` never
 * does.
 */
export type SecondFrame = 'again' | 'ask'

/** Pauses between the second frames of one order, on one connection. */
const firstPauseMs = 1_000
const longestPauseMs = 60_000

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
  /** Writes the order once more, with its old cid. Emits proof only. */
  readonly writeAgain: (link: Link, intent: Intent, frame: SecondFrame) => Observable<Verdict>
  /** True if an order is known to come from another placeOrder. */
  readonly isTaken: (order: OrderState) => boolean
  /** Other orders of unknown fate that a candidate might as well be. */
  readonly rivals: (intent: Intent) => number
  /** The outcome of an order of ours has become known: other matches are evaluated again. */
  readonly landed$: Observable<unknown>
}

export function createProofFinder(deps: Dependencies): ProofFinder {
  const { line, ledger, snapshots, soleTrader, late$, mayBeRepeated, writeAgain, isTaken, rivals, landed$ } = deps
  const { clock, scheduler, settleWithinMs } = deps.settings

  const placedAs = ({ cid }: Intent, { order_no }: OrderState): Verdict => ({
    _tag: 'Placed',
    placed: { order_no, cid },
  })

  /** Only while the server that got it remembers its cid. */
  const isRemembered = (link: Link, { epoch, ageMs }: Intent): boolean =>
    epoch !== undefined &&
    /* mutant: server-knows-cids */ link.features.has('cid') &&
    /* mutant: same-epoch */ link.epoch === epoch &&
    ageMs() < ASKABLE_FOR_MS

  /** Without a `valid_until` nothing makes the server refuse an order that comes too late. */
  const isWithinAge = ({ validUntil, isTooOld }: Intent): boolean =>
    // mutant: send-again-within-age
    validUntil !== undefined && clock.wall() < validUntil && !isTooOld()

  /** Wait before the order may be asked about, in ms. */
  const untilTooOldMs = ({ validUntil = 0 }: Intent): number =>
    Math.min(Math.max(validUntil - clock.wall(), firstPauseMs), longestPauseMs)

  const candidates = (intent: Intent): readonly OrderState[] =>
    ledger
      .seenSince(intent.mark)
      .filter(
        (order) =>
          order.cid === undefined &&
          matchesRequest(order, intent.order, intent.sentAt) &&
          /* mutant: not-taken */ !isTaken(order),
      )

  /** The order carries our cid. */
  const bySight = (intent: Intent): Observable<Verdict> =>
    defer(() => {
      const known = ledger.findByCid(intent.cid)
      return known === undefined ? ledger.state$.pipe(filter((order) => order.cid === intent.cid)) : of(known)
    }).pipe(map((order) => placedAs(intent, order)))

  /**
   * No one else trades the account, exactly one order matches, and it matches no other unresolved
   * order.
   */
  const bySoleTrader = (intent: Intent): Observable<Verdict> =>
    // mutant: sole-trader
    soleTrader
      ? merge(ledger.state$, landed$).pipe(
          startWith(undefined),
          // First, rivals or none: what is looked at is not forgotten.
          map(() => candidates(intent)),
          // mutant: no-rivals
          filter(() => rivals(intent) === 0),
          // mutant: one-look-alike
          filter((found) => found.length === 1),
          // An order without a price in its notice may have another.
          // mutant: price-not-told-is-no-proof
          filter(([only]) => intent.order.order_type === 'MARKET' || only?.price !== null),
          map((found) => placedAs(intent, found[0] as OrderState)),
        )
      : EMPTY

  /**
   * Asks the server by the cid for as long as it remembers it: within the order's age by sending it
   * again, which places it if the first frame was lost; later by a question that can never place
   * it. A question may be lost as well, and an `unknown` be corrected by the server, so it is
   * repeated, ever more slowly.
   */
  const bySecondFrames = (link: Link, intent: Intent): Observable<Verdict> =>
    defer(() => {
      let pauseMs = firstPauseMs
      let nextPauseMs = firstPauseMs
      let isSent = false
      return defer(() => {
        if (!isRemembered(link, intent)) return NEVER
        const canPlace = isWithinAge(intent)
        pauseMs = canPlace ? untilTooOldMs(intent) : nextPauseMs
        if (!canPlace) nextPauseMs = Math.min(2 * nextPauseMs, longestPauseMs)
        // A cancel of all orders covers the order: sent again it would be placed behind that.
        if (canPlace && (isSent || !mayBeRepeated(intent))) return EMPTY
        isSent = true
        return writeAgain(link, intent, canPlace ? 'again' : 'ask').pipe(catchError(() => EMPTY))
      }).pipe(/* mutant: questions-go-on */ repeat({ delay: () => timer(pauseMs, scheduler) }))
    })

  const byAsking = (intent: Intent): Observable<Verdict> =>
    line.ready$.pipe(
      switchMap((ready) => {
        const { link } = line
        return ready && link !== null ? bySecondFrames(link, intent) : EMPTY
      }),
    )

  return {
    candidates,
    proofOf: (intent) =>
      merge(bySight(intent), late$(intent), bySoleTrader(intent), byAsking(intent)).pipe(filter(isProof), take(1)),
    lookFor: ({ order }) =>
      // Twice: an order that the exchange was slow to take may not be listed yet.
      timer(0, settleWithinMs / 2, scheduler).pipe(
        take(2),
        tap(() => snapshots.lookAtOrders(order.symbol)),
        ignoreElements(),
      ),
  }
}
