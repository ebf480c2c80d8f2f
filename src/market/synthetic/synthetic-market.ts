import type { Observable } from 'rxjs'
import type { MarketEvent } from '../market-event.js'
import { replayMarket, type ReplayMarketOptions } from '../replay-market.js'
import { syntheticEvents, type SyntheticOptions } from './synthetic-events.js'

/**
 * A seeded synthetic market as an observable: quotes and trades of the symbols in `startPrices`, until unsubscribed or `durationMs`
 * of its time have passed. Same seed, same stream.
 *
 * @example
 * syntheticMarket({ seed: 7, startPrices: { 'BTC/USDT': 60000 }, startMs: clock.wall() })
 */
export function syntheticMarket(options: SyntheticOptions & ReplayMarketOptions): Observable<MarketEvent> {
  return replayMarket(() => syntheticEvents(options), options)
}
