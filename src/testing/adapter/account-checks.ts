import { encodeFrame } from '../../protocol/index.js'
import { AdapterRefused } from '../../gateway/index.js'
import { hold, shown } from './adapter-fault.js'
import { check } from './check.js'
import type { Seat } from './adapter-client.js'

const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(1e-9, Math.abs(b) * 1e-9)

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Fills, balances, positions, and what is said about the symbol. */
export const accountChecks = [
  check(
    'tells each side of a trade its fills, once each, adding up to its order',
    'a fill that is lost or counted twice is a position that is wrong',
    async (trial) => {
      const { maker, taker, nos } = await trial.trade()
      await taker.settle()
      const sides = [maker, taker] as const
      for (const [which, seat] of sides.entries()) {
        const order = trial.subject.trading[which === 0 ? 0 : 1]
        const fills = seat.notices('fill').filter(({ order_no }) => order_no === nos[which])
        const who = which === 0 ? 'maker' : 'taker'
        hold(fills.length > 0, () => `the ${who} got no fill notice`)
        const distinct = new Set(fills.map(({ fill_no }) => fill_no))
        hold(distinct.size === fills.length, () => `the ${who}’s fill_nos repeat: ${shown(fills)}`)
        const side = fills.find((fill) => fill.side !== order.action)
        hold(side === undefined, () => `the ${who} is on side ${order.action}, and its notices say ${shown(side)}`)
        if (order.order_type === 'MARKET') continue
        const sum = total(fills.map(({ quantity }) => quantity))
        hold(
          near(sum, Math.abs(order.quantity)),
          () => `the ${who}’s fills add up to ${sum}, its order was ${order.quantity}`,
        )
      }
    },
  ),
  check('says which order rested and which one took', 'fees go by it', async (trial) => {
    const { maker, taker, nos } = await trial.trade()
    await taker.settle()
    const liquidity = (seat: Seat, no: string | undefined) =>
      new Set(seat.notices('fill').flatMap((fill) => (fill.order_no === no ? [fill.liquidity] : [])))
    const [made, taken] = [liquidity(maker, nos[0]), liquidity(taker, nos[1])]
    hold(!made.has('TAKER'), () => `the fill notice of the resting order says TAKER`)
    hold(!taken.has('MAKER'), () => `the fill notice of the taking order says MAKER`)
  }),
  check('tells the balances after a trade', 'the next order is sized by them', async (trial) => {
    const { maker, taker } = await trial.trade()
    for (const seat of [maker, taker]) {
      const place = seat.events.findIndex((event) => event._tag === 'notice' && event.topic === 'fill')
      await seat.heard(
        'an asset notice after the fill',
        (event): event is typeof event =>
          event._tag === 'notice' && event.topic === 'asset' && seat.events.indexOf(event) > place,
      )
    }
  }),
  check(
    'has free and locked add up to total in every balance, of every currency, in notices and answers alike',
    'a balance that is a hint only costs a query each time',
    async (trial) => {
      const { maker } = await trial.trade()
      await maker.place(trial.subject.resting)
      await maker.settle()
      const answer = await maker.ask('asset', () => maker.session.asset())
      const currencies = Object.keys(answer)
      hold(currencies.length > 0, () => 'asset answers no currency')
      for (const assets of [answer, ...maker.notices('asset')]) {
        for (const [currency, { free, locked, total: all }] of Object.entries(assets))
          hold(near(free + locked, all), () => `${currency}: ${free} + ${locked} is not ${all}`)
      }
      const last = maker.notices('asset').at(-1) ?? {}
      const missing = currencies.filter((currency) => !Object.hasOwn(last, currency))
      hold(missing.length === 0, () => `the last asset notice lacks ${missing.join(', ')}`)
    },
  ),
  check(
    'answers for the position, or refuses in words where there are none',
    'a client that waits for an answer which never comes shows a position that is stale',
    async (trial) => {
      const seat = await trial.login()
      const ended = await seat.end('position', () => seat.session.position(trial.subject.symbol))
      if ('error' in ended) {
        const { error } = ended
        hold(error instanceof AdapterRefused && error.message !== '', () => `it ended with ${shown(error)}`)
        return
      }
      const { long_quantity, long_avail_qty, short_quantity, short_avail_qty } = ended.value
      hold(
        long_avail_qty <= long_quantity && short_avail_qty <= short_quantity,
        () => `more is available than is held: ${shown(ended.value)}`,
      )
    },
  ),
  check('says the steps and limits of the symbol', 'orders are put on them before they are sent', async (trial) => {
    const seat = await trial.login()
    const info = await seat.ask('symbolInfo', () => seat.session.symbolInfo(trial.subject.symbol))
    hold(info.price_tick > 0 && info.size_tick > 0, () => `the steps are ${shown(info)}`)
    const currencies = [info.base_currency, info.quote_currency, info.settlement_currency]
    hold(
      currencies.every((currency) => currency !== ''),
      () => `a currency has no name: ${shown(info)}`,
    )
  }),
  check(
    'tells only what can be sent: every notice is of the protocol',
    'the gateway keeps back what is not, and the client has a gap instead',
    async (trial) => {
      const { maker, taker } = await trial.trade()
      const { order_no } = await maker.place(trial.subject.resting)
      await maker.cancel(order_no)
      await maker.settle()
      for (const event of [...maker.events, ...taker.events]) {
        if (event._tag === 'state') continue
        const { topic, data } = event
        try {
          encodeFrame({ op: 'notify', topic, token: 'token', data })
        } catch (error) {
          hold(false, () => `${shown(error)}, in ${shown(event)}`)
        }
      }
    },
  ),
  check('tells times in ms since 1970', 'notices rank by them, and seconds would all be old', async (trial) => {
    const { maker } = await trial.trade()
    const isMs = (time: number): boolean => time > 1e12 && time < 1e13
    for (const order of maker.notices('order'))
      hold(isMs(order.ctime) && isMs(order.utime), () => `times of ${shown(order)}`)
    for (const fill of maker.notices('fill')) hold(isMs(fill.ctime), () => `time of ${shown(fill)}`)
  }),
  check(
    'lets no key out: in no state, notice, answer or error',
    'what an adapter says goes to clients, logs and recordings',
    async (trial) => {
      const { maker, taker } = await trial.trade()
      const refused = trial.subject.refused
      await maker.end('placeOrder', () => maker.session.placeOrder(maker.order(refused)))
      await maker.settle()
      const words = maker.words + taker.words
      const secrets = trial.subject.accounts.flatMap(({ accessKey, secretKey }) => [accessKey, secretKey])
      hold(!secrets.some((secret) => secret.length > 3 && words.includes(secret)), () => 'a key is among what it said')
    },
  ),
]
