import { fromEvent, map, merge, type Observable, scan } from 'rxjs'

/**
 * Counts requests to stop (SIGINT, SIGTERM, SIGHUP). While subscribed, they do not end the process.
 */
export const stopSignals = (): Observable<number> =>
  merge(...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal))).pipe(
    scan((count) => count + 1, 0),
  )

/** Emits at SIGUSR2, by which the user reopens the risk gates of the strategy. */
export const reopenSignals = (): Observable<unknown> => fromEvent(process, 'SIGUSR2')

/**
 * Emits errors of stdout: its reader has closed it, or the disk is full. While subscribed, they do
 * not end the process.
 */
export const outputFails = (): Observable<unknown> => fromEvent(process.stdout, 'error')

/** True if the reader of stdout has closed it, as in `rxquant … | head -1`. */
export const isReaderGone = (failure: unknown): boolean =>
  failure instanceof Error && 'code' in failure && failure.code === 'EPIPE'

/**
 * Emits uncaught errors: a strategy may throw outside of its pipeline. While subscribed, they do
 * not end the process, so that it can log out.
 */
export const uncaught = (): Observable<unknown> =>
  merge(fromEvent(process, 'uncaughtException'), fromEvent(process, 'unhandledRejection')).pipe(
    // Node passes the error and its origin.
    map((told: unknown) => (Array.isArray(told) ? (told[0] as unknown) : told)),
  )
