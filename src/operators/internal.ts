/** Names for other folders of this package; index.ts has the public ones. */
export { LONGEST_TIMER_MS } from '../time/index.js'
