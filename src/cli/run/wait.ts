import { type Observable, type SchedulerLike, switchMap, timer } from 'rxjs'
import { LONGEST_TIMER_MS } from '../../time/index.js'

/** Emits once after `ms`. Splits long waits: a timer of more than 24 days would fire at once. */
export const wait = (ms: number, scheduler: SchedulerLike): Observable<unknown> =>
  ms > LONGEST_TIMER_MS
    ? timer(LONGEST_TIMER_MS, scheduler).pipe(switchMap(() => wait(ms - LONGEST_TIMER_MS, scheduler)))
    : timer(ms, scheduler)
