import { fromEvent, map, merge, type Observable, scan } from 'rxjs'

/** How often the process has been asked to stop: Ctrl-C, or SIGTERM. While subscribed to, it does not end by itself. */
export const stopSignals = (): Observable<number> =>
  merge(...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal))).pipe(
    scan((count) => count + 1, 0),
    map((count) => count),
  )
