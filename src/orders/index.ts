export { fillableQuantity, isFilledWhole, isSameQuantity, knownFilled, reportedFilled, roundSum } from './filled.js'
export { countIndistinguishable, matchesRequest } from './matching.js'
export type { KnownOrder, NumberedOrder, OrderEvent, OwnOrder } from './order-event.js'
export {
  isSizedInMoney,
  type OrderName,
  type OrderRequest,
  orderFault,
  priceFault,
  quantityFault,
  termsOf,
} from './order-request.js'
export { type EndStatus, isEnd, isOpen, mayFollow, phaseOf, type Transition, transitionOf } from './order-status.js'
