import { Observable } from 'rxjs'

/** What is to become of a command that its caller has left. */
export interface AdoptOptions<T> {
  /** Whether to go on listening for the reply; asked once, when the caller leaves. */
  readonly keep: () => boolean
  /** Is given a reply that came after the caller had left. */
  readonly orphan: (reply: T) => void
}

/**
 * Guards against forgetting an order: the reply to a command that may be on the wire already is waited for even when the
 * caller has unsubscribed, or what it made would be nobody's.
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
