export { ageMs, type Clock, type Instant, instant } from './clock.js'
export type { Entropy } from './entropy.js'
