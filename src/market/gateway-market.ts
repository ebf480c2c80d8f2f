import { map, merge, type Observable } from 'rxjs'
import type { Account } from '../client/index.js'
import { OrderBook, Trade } from '../protocol/index.js'
import type { MarketEvent } from './market-event.js'

/**
 * What an account is told of its market (the topics `orderbook` and `trade`, which the login must ask for) as a market: paper exchanges
 * can be fed with what a gateway shows of another. Books are as deep as the gateway tells them; a trade is told as it was, and fills the resting orders that it reaches. It ends with the account.
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
