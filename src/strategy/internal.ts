/** Names for other folders of this package; index.ts has the public ones. */
export { watchGates } from './risk/watch-gates.js'
