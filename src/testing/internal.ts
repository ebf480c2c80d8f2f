export { readOrderText } from './gateway/order-text.js'
