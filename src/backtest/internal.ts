/** Names for other folders of this package; index.ts has the public ones. */
export { duration, fixed, minuteOf, money, percent, significant } from './report/format.js'
export { currenciesOf } from './ledger/spot-ledger.js'
export { dayOf } from './statistics/equity-series.js'
