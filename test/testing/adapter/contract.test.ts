import { describe, expect, it } from '@jest/globals'
import {
  defer,
  delay,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  Subject,
  tap,
  toArray,
  firstValueFrom,
} from 'rxjs'
import {
  type AdapterEvent,
  type ExchangeAdapter,
  type AdapterSession,
  type LoginDetails,
  NoticeLog,
  IdempotencyStore,
} from '../../../src/gateway/index.js'
import { adapterChecks, checkAdapter, describeAdapter } from '../../../src/testing/adapter/index.js'
import { paperSubject } from './paper-subject.js'

for (const platform of ['huobi', 'okex', 'huobi_future'] as const)
  describeAdapter(`the paper exchange ${platform} as an adapter`, paperSubject(platform), { describe, it })

/** A change to each session. */
const sessions =
  (change: (session: AdapterSession, login: LoginDetails) => Partial<AdapterSession>) =>
  (exchange: ExchangeAdapter): ExchangeAdapter => ({
    ...exchange,
    open: (login) => {
      const session = exchange.open(login)
      return { ...session, ...change(session, login) }
    },
  })

/** A change to what sessions are told. */
const events = (change: (event$: Observable<AdapterEvent>, login: LoginDetails) => Observable<AdapterEvent>) =>
  sessions((session, login) => ({ event$: change(session.event$, login) }))

const each = (change: (event: AdapterEvent) => AdapterEvent | undefined) =>
  events((event$) => event$.pipe(mergeMap((event) => of(change(event)).pipe(filter((told) => told !== undefined)))))

const isTopic = (event: AdapterEvent, topic: string) => event._tag === 'notice' && event.topic === topic
const withData = (event: AdapterEvent, topic: string, fields: object): AdapterEvent =>
  isTopic(event, topic) && event._tag === 'notice'
    ? ({ ...event, data: { ...event.data, ...fields } } as AdapterEvent)
    : event
const isState = (event: AdapterEvent, code: number) => event._tag === 'state' && event.code === code

/** One adapter for each check that breaks just what it is about. */
const broken: Readonly<Record<string, (exchange: ExchangeAdapter) => ExchangeAdapter>> = {
  'says 2 CONNECT_SUCCESS first, and then 6 READY': each((event) => (isState(event, 2) ? undefined : event)),
  'tells the balances before READY': each((event) => (isTopic(event, 'asset') ? undefined : event)),
  'tells open orders again before READY at the next login': events((event$) => {
    let ready = false
    return event$.pipe(
      tap((event) => (ready ||= isState(event, 6))),
      filter((event) => ready || !isTopic(event, 'order')),
    )
  }),
  'refuses a symbol that it does not trade, by AdapterRefused from open': (exchange) => ({
    ...exchange,
    open: (login) => exchange.open({ ...login, symbols: ['BTC/USDT'] }),
  }),
  'never says READY for keys that the exchange does not take, and says why not': events((event$) =>
    merge(event$, of<AdapterEvent>({ _tag: 'state', code: 6, msg: '' })),
  ),
  'reconnects by itself after a loss: 4, then 5, 2, snapshots and 6, without an end of its events': each((event) =>
    isState(event, 4) || isState(event, 5) ? undefined : event,
  ),
  'leaves resting orders alone when its events are no longer listened to': sessions((session) => ({
    event$: merge(
      session.event$,
      new Observable<never>(
        () => () => void firstValueFrom(session.cancelOrder({ symbol: 'BTC/USDT', order_nos: [] })),
      ),
    ),
  })),
  'tells an account nothing of another’s orders, fills and balances': (exchange) => {
    const all$ = new Subject<AdapterEvent>()
    const telling = (event$: Observable<AdapterEvent>) =>
      event$.pipe(
        tap((event) => all$.next(event)),
        ignoreElements(),
      )
    return events((event$) => merge(all$, telling(event$)))(exchange)
  },
  'sends nothing for a command without a subscription': sessions((session) => ({
    placeOrder: (order) => {
      const answer$ = new Subject<{ order_no: string }>()
      session.placeOrder(order).subscribe(answer$)
      return answer$
    },
  })),
  'answers an order with its order_no, once, and shows it among the open orders as it was asked for': sessions(
    (session) => ({ placeOrder: (order) => session.placeOrder({ ...order, price: order.price - 1 }) }),
  ),
  'answers an order before it tells its notices': sessions((session) => ({
    placeOrder: (order) => session.placeOrder(order).pipe(delay(1)),
  })),
  'lets an order go on after its caller has unsubscribed': sessions((session) => ({
    placeOrder: (order) =>
      of(0).pipe(
        delay(1),
        mergeMap(() => session.placeOrder(order)),
      ),
  })),
  'refuses what the exchange refuses by AdapterRefused, in words, and nothing is left of it': sessions((session) => ({
    placeOrder: (order) =>
      defer(() => session.placeOrder(order)).pipe(
        tap({
          error: () => {
            throw new Error('no')
          },
        }),
      ),
  })),
  'refuses an order whose valid_until has passed': sessions((session) => ({
    placeOrder: ({ valid_until: _, ...order }) => session.placeOrder(order),
  })),
  'cancels an order: a result that says so, a notice of its end, and it is not open any more': sessions(() => ({
    cancelOrder: ({ order_nos }) => of(order_nos.map((order_no) => ({ order_no, result: true, error_message: '' }))),
  })),
  'cancels all open orders of the symbol for an empty list': sessions((session) => ({
    cancelOrder: (request) => (request.order_nos.length === 0 ? of([]) : session.cancelOrder(request)),
  })),
  'says false, in words, to the cancel of an order that is not open, one result for each that was named': sessions(
    (session) => ({
      cancelOrder: (request) =>
        session
          .cancelOrder(request)
          .pipe(map((results) => results.map((result) => ({ ...result, result: true, error_message: '' })))),
    }),
  ),
  'lets no IOC order rest: without a counterparty it ends CANCELED': sessions((session) => ({
    placeOrder: (order) => session.placeOrder({ ...order, order_type: 'LIMIT' }),
  })),
  'tells each side of a trade its fills, once each, adding up to its order': events((event$) =>
    event$.pipe(mergeMap((event) => (isTopic(event, 'fill') ? [event, event] : [event]))),
  ),
  'says which order rested and which one took': each((event) => withData(event, 'fill', { liquidity: 'TAKER' })),
  'tells the balances after a trade': events((event$) => {
    let ready = false
    return event$.pipe(
      filter((event) => !(ready && isTopic(event, 'asset'))),
      tap((event) => (ready ||= isState(event, 6))),
    )
  }),
  'has free and locked add up to total in every balance, of every currency, in notices and answers alike': sessions(
    (session) => ({
      asset: () =>
        session
          .asset()
          .pipe(map((assets) => ({ ...assets, USDT: { ...assets['USDT']!, total: assets['USDT']!.free } }))),
    }),
  ),
  'answers for the position, or refuses in words where there are none': sessions(() => ({ position: () => EMPTY })),
  'says the steps and limits of the symbol': sessions((session) => ({
    symbolInfo: (symbol) => session.symbolInfo(symbol).pipe(map((info) => ({ ...info, price_tick: 0 }))),
  })),
  'tells only what can be sent: every notice is of the protocol': each((event) =>
    withData(event, 'fill', { price: Number.NaN }),
  ),
  'tells times in ms since 1970': each((event) => withData(event, 'fill', { ctime: 1_700_000_000 })),
  'lets no key out: in no state, notice, answer or error': events((event$, { accessKey }) =>
    event$.pipe(
      map((event) => (event._tag === 'state' ? { ...event, msg: `connected as ${accessKey.reveal()}` } : event)),
    ),
  ),
  'remembers cids for all sessions of an account, and for that account alone, if it announces `cid`': sessions(() => ({
    memory: new IdempotencyStore(),
  })),
  'tells orders with the cid that they were placed with, if it announces `cid`': each((event) =>
    withData(event, 'order', { cid: 'another' }),
  ),
  'numbers order and fill notices without a hole, and keeps them while the account is logged out, if it announces `resume`':
    sessions(() => ({ history: new NoticeLog({ base: 0 }) })),
  'says of contracts whether an order opens or closes, if it announces `offset`': each((event) =>
    withData(event, 'order', { offset: 'close' }),
  ),
}

/** What is said of each, so that none fails for another reason than its own. */
const words: Readonly<Record<string, string>> = {
  'says 2 CONNECT_SUCCESS first, and then 6 READY': 'the first state was 6',
  'tells the balances before READY': 'no asset notice came before READY',
  'tells open orders again before READY at the next login': 'was not among the notices before READY',
  'refuses a symbol that it does not trade, by AdapterRefused from open': 'a login for NO-SUCH/SYMBOL was opened',
  'never says READY for keys that the exchange does not take, and says why not': 'READY was said for bad keys',
  'reconnects by itself after a loss: 4, then 5, 2, snapshots and 6, without an end of its events':
    'the first state after the loss was 2, not 4',
  'leaves resting orders alone when its events are no longer listened to': 'is not open any more',
  'tells an account nothing of another’s orders, fills and balances': 'the other account got',
  'sends nothing for a command without a subscription': 'an order exists that was never subscribed to',
  'answers an order with its order_no, once, and shows it among the open orders as it was asked for': 'open is {',
  'answers an order before it tells its notices': 'the answer, behind 1 notices',
  'lets an order go on after its caller has unsubscribed': 'the order is not open',
  'refuses what the exchange refuses by AdapterRefused, in words, and nothing is left of it': 'it ended with Error: no',
  'refuses an order whose valid_until has passed': 'it ended with {"order_no":',
  'cancels an order: a result that says so, a notice of its end, and it is not open any more':
    'is CANCELED did not come',
  'cancels all open orders of the symbol for an empty list': 'are not among the results []',
  'says false, in words, to the cancel of an order that is not open, one result for each that was named':
    'of no-such-order it says',
  'lets no IOC order rest: without a counterparty it ends CANCELED': 'is CANCELED did not come',
  'tells each side of a trade its fills, once each, adding up to its order': 'fill_nos repeat',
  'says which order rested and which one took': 'the fill notice of the resting order says TAKER',
  'tells the balances after a trade': 'an asset notice after the fill did not come',
  'has free and locked add up to total in every balance, of every currency, in notices and answers alike':
    'USDT: 99400 + 100 is not 99400',
  'answers for the position, or refuses in words where there are none': 'it completed without a result',
  'says the steps and limits of the symbol': 'the steps are',
  'tells only what can be sent: every notice is of the protocol': 'price should be a finite number',
  'tells times in ms since 1970': 'time of {',
  'lets no key out: in no state, notice, answer or error': 'a key is among what it said',
  'remembers cids for all sessions of an account, and for that account alone, if it announces `cid`':
    'another session of the account has another memory',
  'tells orders with the cid that they were placed with, if it announces `cid`': 'the notice has cid "another"',
  'numbers order and fill notices without a hole, and keeps them while the account is logged out, if it announces `resume`':
    'after 0 the notices were numbered',
  'says of contracts whether an order opens or closes, if it announces `offset`': 'has offset "close"',
}

describe('the contract of adapters', () => {
  it('has a broken adapter for each check', () => {
    expect(Object.keys(broken)).toEqual(Object.keys(words))
    expect(Object.keys(broken).toSorted()).toEqual(adapterChecks.map(({ name }) => name).toSorted())
  })

  it.each(adapterChecks.map((check) => [check.name, check] as const))(
    'fails one that does not: %s',
    async (name, check) => {
      const platform = name.includes('contracts') ? 'huobi_future' : 'huobi'
      await expect(check.run(paperSubject(platform, broken[name]))).rejects.toThrow(words[name])
    },
  )

  it('tells each result, skips what the subject has nothing for, and never errors', async () => {
    const {
      badKeys: _,
      drop: __,
      ...subject
    } = paperSubject('huobi', broken['says which order rested and which one took'])
    const results = await firstValueFrom(checkAdapter(subject).pipe(toArray()))
    expect(results).toHaveLength(adapterChecks.length)
    expect(results.filter(({ _tag }) => _tag === 'Skipped')).toHaveLength(2)
    expect(results.filter(({ _tag }) => _tag === 'Failed')).toEqual([
      expect.objectContaining({ message: 'the fill notice of the resting order says TAKER' }),
    ])
  })

  it('says in words what was seen and what was expected', async () => {
    const check = adapterChecks.find(({ name }) => name.startsWith('cancels an order'))!
    await expect(check.run(paperSubject('huobi', broken[check.name]))).rejects.toThrow(
      /^a notice of topic order which says that \S+ is CANCELED did not come; the last event was .* \(within 150 ms\)$/,
    )
  })

  it('ends with what an adapter throws, as a fault of it', async () => {
    const subject = {
      ...paperSubject('huobi'),
      make: () => ({
        open: () => {
          throw new TypeError('oops')
        },
      }),
    }
    const [check] = adapterChecks
    await expect(check!.run(subject)).rejects.toThrow('the adapter threw TypeError: oops')
  })
})
