/** Exports for other folders of this package. Public exports are in index.ts. */
export { watchGates } from './risk/watch-gates.js'
