import type { ExchangeCommand } from '../../exchange/index.js'
import type { MarketEvent } from '../market-event.js'

/**
 * The command by which a house account of the exchange does what the market did; undefined for what
 * moves nothing and for symbols that are not among `symbols`.
 *
 * @example
 * market$.subscribe((event) => {
 *   const command = marketMakerCommand(event, 'house', exchange.symbols)
 *   if (command !== undefined) exchange.apply(command, clock.wall())
 * })
 */
export function marketMakerCommand(
  event: MarketEvent,
  house: string,
  symbols: readonly string[],
): ExchangeCommand | undefined {
  if (event.type === 'progress' || !symbols.includes(event.symbol)) return undefined
  const { symbol } = event
  if (event.type === 'take') {
    return { type: 'take', account: house, symbol, action: event.action, price: event.price, quantity: event.quantity }
  }
  if (event.type === 'trade') {
    const { action, price, quantity, timestamp } = event
    return { type: 'trade', account: house, symbol, action, price, quantity, timestamp }
  }
  // A recorded book counts its changes.
  const isRecorded = event.updateId !== undefined
  const { bids, asks } = event
  if (event.type === 'levels') {
    const levels = { type: 'levels', account: house, symbol, bids: event.bids, asks: event.asks } as const
    return isRecorded ? { ...levels, recorded: true } : levels
  }
  // No spreads of parts that may be absent: there is one command for each row of a recording.
  if (!isRecorded) {
    if (bids === undefined)
      return asks === undefined
        ? { type: 'quote', account: house, symbol }
        : { type: 'quote', account: house, symbol, asks }
    return asks === undefined
      ? { type: 'quote', account: house, symbol, bids }
      : { type: 'quote', account: house, symbol, bids, asks }
  }
  return {
    type: 'quote',
    account: house,
    symbol,
    ...(bids === undefined ? {} : { bids }),
    ...(asks === undefined ? {} : { asks }),
    recorded: true,
  }
}
