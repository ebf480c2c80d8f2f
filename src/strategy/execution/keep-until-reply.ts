import { Observable } from 'rxjs'

/** Treatment of a command whose caller has unsubscribed. */
export interface KeepOptions<T> {
  /** True to wait for the reply; called once, when the caller unsubscribes. */
  readonly shouldKeep: () => boolean
  /** Receives a reply that comes after that. */
  readonly onLateReply: (reply: T) => void
}

/**
 * Waits for the reply to a command that may have been written, even after the caller unsubscribed:
 * otherwise its order would be forgotten.
 */
export const keepUntilReply = <T>(
  command$: Observable<T>,
  { shouldKeep, onLateReply }: KeepOptions<T>,
): Observable<T> =>
  new Observable((caller) => {
    let left = false
    const command = command$.subscribe({
      next: (reply) => (left ? onLateReply(reply) : caller.next(reply)),
      error: (error: unknown) => (left ? undefined : caller.error(error)),
      complete: () => (left ? undefined : caller.complete()),
    })
    return () => {
      left = true
      if (!shouldKeep()) command.unsubscribe()
    }
  })
