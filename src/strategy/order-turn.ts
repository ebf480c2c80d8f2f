import { concatMap, Observable, type Subscription, takeWhile } from 'rxjs'
import type { OrderUpdate, Placed, Unknown } from '../client/index.js'
import type { IntentOutcome } from './outcome.js'

/** What is heard of an order's fate: that it is not known, perhaps, and then, perhaps, that it was placed. */
export const fateOf = (life$: Observable<OrderUpdate>): Observable<Placed | Unknown> =>
  life$.pipe(
    concatMap((update): readonly (Placed | Unknown)[] => {
      if (update._tag === 'Placed') return [update.placed]
      return update._tag === 'Unknown' ? [update.unknown] : []
    }),
    takeWhile((fate) => fate instanceof Error, true),
  )

/** What is to be made of an order's fate. */
export interface OrderTurn {
  /** It was placed; `isLate`: after its turn was over, since its fate was not known at first. */
  readonly placed: (placed: Placed, isLate: boolean) => Observable<IntentOutcome>
  /** It was not placed, or nobody knows. */
  readonly failed: (error: unknown) => Observable<IntentOutcome>
  /** The fate of an order with this cid was not known, and is now. */
  readonly outOfDoubt: (cid: string) => void
  /** Outcomes that come after the turn. */
  readonly late: (outcome$: Observable<IntentOutcome>) => void
}

/**
 * An order's turn among others: the first that is heard of its fate ends it, be it that the fate is not known. What becomes of an unknown one is
 * listened for on beyond its turn, for as long as `following` lasts, and told whenever it is found out.
 */
export const orderTurn = (
  fate$: Observable<Placed | Unknown>,
  following: Subscription,
  { placed, failed, outOfDoubt, late }: OrderTurn,
): Observable<IntentOutcome> =>
  new Observable((turn) => {
    let answered = false
    let doubted: string | undefined
    const settle = () => {
      if (doubted !== undefined) outOfDoubt(doubted)
    }
    const answer = (outcome$: Observable<IntentOutcome>) => {
      if (answered) {
        late(outcome$)
        return
      }
      answered = true
      outcome$.subscribe(turn)
    }
    following.add(
      fate$.subscribe({
        next: (fate) => {
          if (fate instanceof Error) {
            doubted = fate.cid
            answer(failed(fate))
            return
          }
          const isLate = answered
          settle()
          answer(placed(fate, isLate))
        },
        error: (error: unknown) => {
          settle()
          answer(failed(error))
        },
        complete: () => {
          settle()
          if (!answered) answer(failed(new Error('the account gave no reply to an order')))
        },
      }),
    )
  })
