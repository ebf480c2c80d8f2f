import { NEVER, type Observable, type SchedulerLike, timer } from 'rxjs'
import { LONGEST_TIMER_MS } from '../operators/internal.js'

/**
 * Emits after `ms`. Never emits if that exceeds the platform's longest timer, which would fire at
 * once.
 */
export const timerOrNever = (ms: number, scheduler: SchedulerLike): Observable<0> =>
  ms > LONGEST_TIMER_MS ? NEVER : timer(ms, scheduler)
