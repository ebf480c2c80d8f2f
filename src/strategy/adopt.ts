import { Observable } from 'rxjs'

/** Treatment of a command whose caller has unsubscribed. */
export interface AdoptOptions<T> {
  /** True to wait for the reply; called once, when the caller unsubscribes. */
  readonly keep: () => boolean
  /** Receives a reply that comes after that. */
  readonly orphan: (reply: T) => void
}

/**
 * Waits for the reply to a command that may be written already, though the caller has unsubscribed:
 * otherwise its order would be forgotten.
 */
export const adopt = <T>(command$: Observable<T>, { keep, orphan }: AdoptOptions<T>): Observable<T> =>
  new Observable((caller) => {
    let left = false
    const command = command$.subscribe({
      next: (reply) => (left ? orphan(reply) : caller.next(reply)),
      error: (error: unknown) => (left ? undefined : caller.error(error)),
      complete: () => (left ? undefined : caller.complete()),
    })
    return () => {
      left = true
      if (!keep()) command.unsubscribe()
    }
  })
