/** Names for other folders of this package; index.ts has the public ones. */
export { DelayLane } from './delay-lane.js'
