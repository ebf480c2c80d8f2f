import { Observable, type OperatorFunction, type SchedulerLike, Subscription } from 'rxjs'
import { scheduleDeadline } from '../../time/index.js'
import { OutcomeUnknown } from './exchange-adapter.js'

/** Receives what an exchange answers after the deadline. */
export interface LateListener<A> {
  readonly next: (answer: A) => void
  readonly error: (error: unknown) => void
}

/**
 * Late answers waited for at the same time. The oldest are given up first, so that a dead exchange
 * costs bounded memory.
 */
const MOST_LATE = 1_000

/** Commands of one gateway whose exchange has not answered in time, and may still answer. */
export class LateAnswers {
  readonly #waiting = new Set<Subscription>()
  #ended = false

  /**
   * Errors with OutcomeUnknown if the exchange has not answered within `ms`. With a listener the
   * command stays subscribed to after that, and the listener receives the late answer.
   */
  answeredWithin<A>(ms: number, scheduler: SchedulerLike, late?: LateListener<A>): OperatorFunction<A, A> {
    return (command$) =>
      new Observable((subscriber) => {
        let isLate = false
        const running = new Subscription()
        const deadline = scheduleDeadline(scheduler, ms, () => {
          isLate = true
          if (late !== undefined) this.#keep(running)
          subscriber.error(new OutcomeUnknown(`the exchange gave no answer within ${ms} ms`))
        })
        subscriber.add(() => {
          deadline.unsubscribe()
          if (!isLate || late === undefined) running.unsubscribe()
        })
        const hear = (inTime: () => void, afterwards: (() => void) | undefined): void => {
          deadline.unsubscribe()
          if (!isLate) {
            inTime()
            return
          }
          running.unsubscribe()
          afterwards?.()
        }
        running.add(
          command$.subscribe({
            next: (answer) =>
              hear(
                () => subscriber.next(answer),
                () => late?.next(answer),
              ),
            error: (error: unknown) =>
              hear(
                () => subscriber.error(error),
                () => late?.error(error),
              ),
            complete: () => hear(() => subscriber.complete(), undefined),
          }),
        )
      })
  }

  /** The gateway is shutting down: no late answer is waited for any more. */
  end(): void {
    this.#ended = true
    for (const running of this.#waiting) running.unsubscribe()
  }

  #keep(running: Subscription): void {
    if (this.#ended) {
      running.unsubscribe()
      return
    }
    this.#waiting.add(running)
    running.add(() => this.#waiting.delete(running))
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= MOST_LATE) break
      oldest.unsubscribe()
    }
  }
}
