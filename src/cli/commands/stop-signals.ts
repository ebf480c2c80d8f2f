import { fromEvent, map, merge, type Observable, scan } from 'rxjs'

/** How often the process has been asked to stop: Ctrl-C, or SIGTERM. While subscribed to, it does not end by itself. */
export const stopSignals = (): Observable<number> =>
  merge(...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal))).pipe(
    scan((count) => count + 1, 0),
  )

/** The user has looked, and wants the strategy's risk gates open again: `kill -USR2`. */
export const reopenSignals = (): Observable<unknown> => fromEvent(process, 'SIGUSR2')

/** What is written to stdout fails: its reader has left, or the disk is full. While subscribed to, the process lives on. */
export const outputFails = (): Observable<unknown> => fromEvent(process.stdout, 'error')

/** Nobody reads what we write any more: `rxquant … | head -1`. */
export const isReaderGone = (failure: unknown): boolean =>
  failure instanceof Error && 'code' in failure && failure.code === 'EPIPE'

/** What nobody caught: a strategy may throw outside of its pipeline. While subscribed to, the process lives on to leave in order. */
export const uncaught = (): Observable<unknown> =>
  merge(fromEvent(process, 'uncaughtException'), fromEvent(process, 'unhandledRejection')).pipe(
    // Node hands over the error and where it came from.
    map((told: unknown) => (Array.isArray(told) ? (told[0] as unknown) : told)),
  )
