import { map, merge, type Observable } from 'rxjs'
import type { Account } from '../client/index.js'
import { OrderBook, Trade } from '../protocol/index.js'
import type { MarketEvent } from './market-event.js'

/**
 * Turns the market data of an account into a market for paper exchanges. The login must ask for the
 * topics `orderbook` and `trade`. Books are as deep as the gateway sends them; a trade passes as
 * recorded and fills the resting orders that it reaches. Ends with the account.
 *
 * @example
 * live.login(credentials, { market: ['orderbook', 'trade'] }).pipe(
 *   switchMap((account) => startPaper(gatewayMarket(account))))
 */
export const gatewayMarket = (account: Account): Observable<MarketEvent> =>
  merge(
    account
      .topic$('orderbook', OrderBook)
      .pipe(
        map(({ symbol, bids, asks, timestamp }): MarketEvent => ({ type: 'quote', symbol, bids, asks, timestamp })),
      ),
    account.topic$('trade', Trade).pipe(
      map(({ symbol, action, price, quantity, timestamp }): MarketEvent => {
        return { type: 'trade', symbol, action: action === 'SELL' ? 'SELL' : 'BUY', price, quantity, timestamp }
      }),
    ),
  )
