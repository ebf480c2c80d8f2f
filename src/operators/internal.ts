/** Names for other folders of this package; index.ts has the public ones. */
export { SoloSubject } from './solo-subject.js'
export { LONGEST_TIMER_MS } from '../time/index.js'
