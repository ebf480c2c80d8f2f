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
import type { OrderStore, OrderState } from '../state/stores/index.js'
import type { CommandQueue, ActiveSession } from '../requests/command-queue.js'
import { matchesRequest, type OrderRequest } from '../../orders/index.js'
import type { Settings } from '../options.js'
import type { Snapshots } from '../state/snapshots.js'
import { isFinal, type ReplyClass } from './classify-reply.js'

/** An order as it was, or is about to be, written. */
export interface SentOrder {
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
export interface OrderReconciler {
  /** The first proof, whenever it comes. */
  outcomeOf(sent: SentOrder): Observable<Exclude<ReplyClass, { _tag: 'Unsure' }>>
  /** Asks the server for what would show the order. Emits nothing. */
  lookFor(sent: SentOrder): Observable<never>
  /** Orders that look like it, and are not known to be another. */
  candidates(sent: SentOrder): readonly OrderState[]
}

interface Dependencies {
  readonly settings: Settings
  readonly queue: CommandQueue
  readonly orderStore: OrderStore
  readonly snapshots: Snapshots
  readonly exclusiveAccount: boolean
  /** Replies to it that came after their request had ended. */
  readonly late$: (sent: SentOrder) => Observable<ReplyClass>
  readonly mayBeResent: (sent: SentOrder) => boolean
  /** Writes the order once more, with its old cid. Emits proof only. */
  readonly resend: (session: ActiveSession, sent: SentOrder, frame: SecondFrame) => Observable<ReplyClass>
  /** True if an order is known to come from another placeOrder. */
  readonly isKnown: (order: OrderState) => boolean
  /** Other orders of unknown outcome that a candidate might as well be. */
  readonly ambiguousMatches: (sent: SentOrder) => number
  /** The outcome of an order of ours has become known: other matches are evaluated again. */
  readonly resolved$: Observable<unknown>
}

export function createOrderReconciler(deps: Dependencies): OrderReconciler {
  const {
    queue,
    orderStore,
    snapshots,
    exclusiveAccount,
    late$,
    mayBeResent,
    resend,
    isKnown,
    ambiguousMatches,
    resolved$,
  } = deps
  const { clock, scheduler, resolveWithinMs } = deps.settings

  const placedAs = ({ cid }: SentOrder, { order_no }: OrderState): ReplyClass => ({
    _tag: 'Placed',
    placed: { order_no, cid },
  })

  /** Only while the server that got it remembers its cid. */
  const isRemembered = (session: ActiveSession, { epoch, ageMs }: SentOrder): boolean =>
    epoch !== undefined &&
    /* mutant: server-knows-cids */ session.features.has('cid') &&
    /* mutant: same-epoch */ session.epoch === epoch &&
    ageMs() < ASKABLE_FOR_MS

  /** Without a `valid_until` nothing makes the server refuse an order that comes too late. */
  const isWithinAge = ({ validUntil, isTooOld }: SentOrder): boolean =>
    // mutant: send-again-within-age
    validUntil !== undefined && clock.wall() < validUntil && !isTooOld()

  /** Wait before the order may be asked about, in ms. */
  const untilTooOldMs = ({ validUntil = 0 }: SentOrder): number =>
    Math.min(Math.max(validUntil - clock.wall(), firstPauseMs), longestPauseMs)

  const candidates = (sent: SentOrder): readonly OrderState[] =>
    orderStore
      .seenSince(sent.mark)
      .filter(
        (order) =>
          order.cid === undefined &&
          matchesRequest(order, sent.order, sent.sentAt) &&
          /* mutant: not-taken */ !isKnown(order),
      )

  /** The order carries our cid. */
  const byClientOrderId = (sent: SentOrder): Observable<ReplyClass> =>
    defer(() => {
      const known = orderStore.findByCid(sent.cid)
      return known === undefined ? orderStore.state$.pipe(filter((order) => order.cid === sent.cid)) : of(known)
    }).pipe(map((order) => placedAs(sent, order)))

  /**
   * No one else trades the account, exactly one order matches, and it matches no other unresolved
   * order.
   */
  const byExclusiveAccount = (sent: SentOrder): Observable<ReplyClass> =>
    // mutant: exclusive-account
    exclusiveAccount
      ? merge(orderStore.state$, resolved$).pipe(
          startWith(undefined),
          // First, rivals or none: what is looked at is not forgotten.
          map(() => candidates(sent)),
          // mutant: no-rivals
          filter(() => ambiguousMatches(sent) === 0),
          // mutant: one-matching-order
          filter((found) => found.length === 1),
          // An order without a price in its notice may have another.
          // mutant: price-not-told-is-no-proof
          filter(([only]) => sent.order.order_type === 'MARKET' || only?.price !== null),
          map((found) => placedAs(sent, found[0] as OrderState)),
        )
      : EMPTY

  /**
   * Asks the server by the cid for as long as it remembers it: within the order's age by sending it
   * again, which places it if the first frame was lost; later by a question that can never place
   * it. A question may be lost as well, and an `unknown` be corrected by the server, so it is
   * repeated, ever more slowly.
   */
  const bySecondFrames = (session: ActiveSession, sent: SentOrder): Observable<ReplyClass> =>
    defer(() => {
      let pauseMs = firstPauseMs
      let nextPauseMs = firstPauseMs
      let isSent = false
      return defer(() => {
        if (!isRemembered(session, sent)) return NEVER
        const canPlace = isWithinAge(sent)
        pauseMs = canPlace ? untilTooOldMs(sent) : nextPauseMs
        if (!canPlace) nextPauseMs = Math.min(2 * nextPauseMs, longestPauseMs)
        // A cancel of all orders covers the order: sent again it would be placed behind that.
        if (canPlace && (isSent || !mayBeResent(sent))) return EMPTY
        isSent = true
        return resend(session, sent, canPlace ? 'again' : 'ask').pipe(catchError(() => EMPTY))
      }).pipe(/* mutant: questions-go-on */ repeat({ delay: () => timer(pauseMs, scheduler) }))
    })

  const byAsking = (sent: SentOrder): Observable<ReplyClass> =>
    queue.ready$.pipe(
      switchMap((ready) => {
        const { session } = queue
        return ready && session !== null ? bySecondFrames(session, sent) : EMPTY
      }),
    )

  return {
    candidates,
    outcomeOf: (sent) =>
      merge(byClientOrderId(sent), late$(sent), byExclusiveAccount(sent), byAsking(sent)).pipe(
        filter(isFinal),
        take(1),
      ),
    lookFor: ({ order }) =>
      // Twice: an order that the exchange was slow to take may not be listed yet.
      timer(0, resolveWithinMs / 2, scheduler).pipe(
        take(2),
        tap(() => snapshots.lookAtOrders(order.symbol)),
        ignoreElements(),
      ),
  }
}
