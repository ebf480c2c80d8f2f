import { NEVER, type Observable, type SchedulerLike, timer } from 'rxjs'
import { LONGEST_TIMER_MS } from '../operators/index.js'

/** Emits after so long; never, where that is longer than timers can wait (Infinity, say): they would come at once. */
export const after = (ms: number, scheduler: SchedulerLike): Observable<0> =>
  ms > LONGEST_TIMER_MS ? NEVER : timer(ms, scheduler)
