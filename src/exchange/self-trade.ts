/**
 * What happens when an order would trade with one of its own account. `allow`: it does. `cancel-maker`: the resting order
 * goes and the incoming one looks further. `cancel-taker`: the incoming order's remainder goes. `cancel-both`: both.
 */
export type SelfTrade = 'allow' | 'cancel-maker' | 'cancel-taker' | 'cancel-both'

/** What a platform does by itself: OKX cancels the resting order, HTX (huobi) lets accounts trade with themselves. */
export const selfTradeOf = (platform: string): SelfTrade => (platform === 'okex' ? 'cancel-maker' : 'allow')
