/**
 * Rule for an order that would trade with one of its own account. `allow`: it trades.
 * `cancel-maker`: the resting order is cancelled and matching continues. `cancel-taker`: the
 * remainder of the incoming order is cancelled. `cancel-both`: both.
 */
export type SelfTrade = 'allow' | 'cancel-maker' | 'cancel-taker' | 'cancel-both'

/**
 * Returns the default rule of a platform: OKX cancels the resting order, HTX (huobi) lets accounts
 * trade with themselves.
 */
export const selfTradeOf = (platform: string): SelfTrade => (platform === 'okex' ? 'cancel-maker' : 'allow')
