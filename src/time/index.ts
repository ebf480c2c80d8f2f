export { type ActionKind, exactDelays } from './virtual/action-kind.js'
export { Replacements } from './virtual/replacements.js'
export { checkBound } from './bound.js'
export { ageMs, type Clock, type Instant, instant } from './clock.js'
export { deadline, partOfWait, scheduleDeadline } from './deadline.js'
export type { Entropy } from './entropy.js'
export { LONGEST_TIMER_MS } from './longest-timer.js'
export { MarketClock, type MarketClockOptions } from './market-clock.js'
export { scheduleOnce } from './schedule-once.js'
export { seededEntropy } from './seeded-entropy.js'
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual/virtual-clock.js'
export {
  type FlushOptions,
  StillRunning,
  VirtualScheduler,
  type VirtualSchedulerOptions,
} from './virtual/virtual-scheduler.js'
export { type VirtualTimeOptions, withVirtualTime } from './virtual/virtual-time.js'
