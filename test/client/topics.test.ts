import { describe, expect, it } from '@jest/globals'
import { merge, NEVER, type Observable, switchMap } from 'rxjs'
import { runStrategy } from '../../src/cli/run/run-strategy.js'
import { type Account, connect, LoginFailed, TopicNotAsked } from '../../src/client/index.js'
import { type MarketTopic, Order, Ticker, Trade } from '../../src/protocol/index.js'
import { withRiskLimits, strategy, type StrategyLogin } from '../../src/strategy/index.js'
import { marbles } from '../../src/testing/index.js'
import { backtest, paper } from '../../src/backtest/index.js'
import type { MarketEvent } from '../../src/market/index.js'
import { expectError, loggedIn, loggingIn } from '../support/logged-in.js'
import { scriptedServer } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const market: readonly MarketTopic[] = ['trade']
const asked = () => loggedIn({}, {}, { market })

describe('a market topic that the login has not asked for', () => {
  it('is an error that names it, and how to ask for it', () => {
    const { account } = asked()
    const { error } = watch(account.topic$('ticker', Ticker))
    expect(error).toBeInstanceOf(TopicNotAsked)
    expect(error).toMatchObject({
      _tag: 'TopicNotAsked',
      topic: 'ticker',
      asked: ['trade'],
      message: `the login did not ask for the market topic "ticker": add it to its market, as in market: ['trade', 'ticker']`,
    })
    expect((error as Error).stack).toMatch(/topics\.test\.ts/)
    expect(watch(loggedIn().account.topic$('kline', Ticker)).error).toMatchObject({
      message: expect.stringContaining(`market: ['kline']`),
    })
  })

  it('is an error behind a guard too', () => {
    const account = withRiskLimits(asked().account, {
      maxOrderSize: 1,
      maxOrderValue: 1,
      maxPosition: 1,
      reference$: NEVER,
    })
    expect(watch(account.topic$('ticker', Ticker)).error).toBeInstanceOf(TopicNotAsked)
    expect(watch(account.topic$('trade', Trade)).error).toBeUndefined()
  })

  it('does not compile where there is no such topic, and is an error at run time', () => {
    const { account } = asked()
    const messageOf = (source: ReturnType<Account['topic$']>) => (watch(source).error as Error).message
    // @ts-expect-error -- a misspelt name
    expect(messageOf(account.topic$('trad', Trade))).toBe(
      'there is no market topic "trad": it should be one of trade, ticker, orderbook, kline',
    )
    // @ts-expect-error -- a topic of the account
    expect(messageOf(account.topic$('order', Order))).toBe('"order" is no market topic: use order$ of the account')
    // @ts-expect-error -- any text
    expect(() => messageOf(account.topic$('' as string, Trade))).not.toThrow()
    const login: StrategyLogin = {
      platform: 'huobi',
      symbols: [],
      // @ts-expect-error -- a misspelt name
      market: ['trad'],
    }
    expect(login.market).toHaveLength(1)
  })

  it('cannot be asked for where there is no such topic: the login fails, in words', () => {
    const { login, server, pass } = loggingIn({}, {}, { market: ['trad' as MarketTopic] })
    pass(1_000)
    expect(expectError(login, LoginFailed)).toMatchObject({
      reason: 'invalid',
      message: expect.stringContaining('trad'),
    })
    expect(server.of('login')).toEqual([])
  })
})

describe('a strategy that reads a topic that it has not asked for ends with the same error', () => {
  const reading = strategy({
    logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['trade'] }],
    run: (account) => merge(account.topic$('trade', Trade), account.topic$('ticker', Ticker)),
  })
  const words = /did not ask for the market topic "ticker"/
  const events: MarketEvent[] = [
    { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: 0 },
    { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: 1_000 },
  ]

  it('in a backtest', async () => {
    await expect(
      new Promise((_, reject) => backtest(reading, { market: events }).subscribe({ error: reject })),
    ).rejects.toThrow(words)
  })

  it('in a run, though its display asks for the ticker', () => {
    const server = scriptedServer({ asset: (frame, side) => side.reply(frame, { data: {} }) })
    const { scheduler } = server
    const run = watch(
      runStrategy({
        strategy: reading,
        gateway: connect(server.transport, server.options),
        keysOf: () => ({ access_key: 'a', secret_key: 's' }),
        forMs: 1_000,
        stop$: NEVER,
        cancelOnExit: false,
        now: () => scheduler.now(),
        scheduler,
      }),
    )
    scheduler.advanceBy(10_000)
    expect(server.of('login')[0]).toMatchObject({ market: ['trade', 'ticker'] })
    expect(JSON.stringify([run.error instanceof Error ? run.error.message : '', run.values])).toMatch(
      /did not ask for the market topic \\+"ticker/,
    )
  })

  it('in marbles, with the paper exchange and with a scripted gateway', () => {
    const { market: topics } = reading.logins[0]
    const lanes = 'told  1s 1'
    const run = (account$: Observable<Account>) => account$.pipe(switchMap((account) => reading.run(account)))
    expect(() =>
      marbles({ lanes, untilMs: 2_000, run: (kit) => ({ told: run(paper(kit, NEVER, { market: topics })) }) }),
    ).toThrow(words)
    expect(() =>
      marbles({
        lanes: `login →  ok ready\n${lanes}`,
        untilMs: 2_000,
        run: (kit) => ({ told: run(kit.login({}, { market: topics })) }),
      }),
    ).toThrow(words)
  })
})
