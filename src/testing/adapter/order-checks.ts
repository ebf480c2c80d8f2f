import { AdapterRefused } from '../../gateway/index.js'
import { hold, shown } from './adapter-fault.js'
import { check } from './check.js'

/** Placing and cancelling. */
export const orderChecks = [
  check(
    'sends nothing for a command without a subscription',
    'commands are cold: one subscription is one order, and none is none',
    async (trial) => {
      const seat = await trial.login()
      void seat.session.placeOrder(seat.order(trial.subject.resting))
      await seat.settle()
      hold((await seat.openOrders()).length === 0, () => 'an order exists that was never subscribed to')
    },
  ),
  check(
    'answers an order with its order_no, once, and shows it among the open orders as it was asked for',
    'the order_no is all that a client has to cancel by',
    async (trial) => {
      const { resting, symbol } = trial.subject
      const seat = await trial.login()
      const answers: string[] = []
      seat.send(resting, (answer) => answers.push(answer))
      await seat.notice('order', `of ${symbol}`, (told) => told.symbol === symbol)
      await seat.settle()
      hold(answers.length === 1 && answers[0] !== '', () => `it answered ${shown(answers)}`)
      const [order_no] = answers
      const found = (await seat.openOrders()).find((open) => open.order_no === order_no)
      const { action, price, order_type } = resting
      const quantity = Math.abs(resting.quantity)
      const expected = { action, price, quantity, remain: quantity, order_type, status: 'SUBMITTED' }
      const isRight =
        found !== undefined && Object.entries(expected).every(([field, value]) => Reflect.get(found, field) === value)
      hold(isRight, () => `asked for ${shown(expected)}, open is ${shown(found)}`)
    },
  ),
  check(
    'answers an order before it tells its notices',
    'a notice of an unknown order_no has to be held back, and may be held for nothing',
    async (trial) => {
      const seat = await trial.login()
      const heard: string[] = []
      const before = seat.notices('order').length
      seat.send(trial.subject.resting, () => {
        heard.push(`the answer, behind ${seat.notices('order').length - before} notices`)
      })
      await seat.notice('order', 'of the new order', () => seat.notices('order').length > before)
      await seat.settle()
      hold(heard[0] === 'the answer, behind 0 notices', () => `told was ${shown(heard)}`)
    },
  ),
  check(
    'lets an order go on after its caller has unsubscribed',
    'unsubscribing is no cancel: what was sent was sent',
    async (trial) => {
      const seat = await trial.login()
      seat.session
        .placeOrder(seat.order(trial.subject.resting))
        .subscribe({ error: () => undefined })
        .unsubscribe()
      await seat.settle()
      hold((await seat.openOrders()).length === 1, () => 'the order is not open')
    },
  ),
  check(
    'refuses what the exchange refuses by AdapterRefused, in words, and nothing is left of it',
    'only an AdapterRefused lets a client try again; anything else leaves the order’s fate open',
    async (trial) => {
      const seat = await trial.login()
      const before = await seat.ask('asset', () => seat.session.asset())
      const ended = await seat.end('placeOrder', () => seat.session.placeOrder(seat.order(trial.subject.refused)))
      const error = 'error' in ended ? ended.error : undefined
      hold(
        error instanceof AdapterRefused,
        () => `it ended with ${shown('error' in ended ? ended.error : ended.value)}`,
      )
      hold(error.message !== '', () => 'the AdapterRefused says nothing')
      hold((await seat.openOrders()).length === 0, () => 'an order is open')
      const after = await seat.ask('asset', () => seat.session.asset())
      hold(shown(after) === shown(before), () => `balances were ${shown(before)} and are ${shown(after)}`)
    },
  ),
  check(
    'refuses an order whose valid_until has passed',
    'an order that arrives late is no longer wanted',
    async (trial) => {
      const seat = await trial.login()
      const order = seat.order(trial.subject.resting, { valid_until: 1 })
      const ended = await seat.end('placeOrder', () => seat.session.placeOrder(order))
      const error = 'error' in ended ? ended.error : undefined
      hold(
        error instanceof AdapterRefused,
        () => `it ended with ${shown('error' in ended ? ended.error : ended.value)}`,
      )
      hold((await seat.openOrders()).length === 0, () => 'an order is open')
    },
  ),
  check(
    'cancels an order: a result that says so, a notice of its end, and it is not open any more',
    'a cancel that says yes and leaves the order open costs money',
    async (trial) => {
      const seat = await trial.login()
      const { order_no } = await seat.place(trial.subject.resting)
      const results = await seat.cancel(order_no)
      hold(
        results.length === 1 && results[0]?.order_no === order_no && results[0].result,
        () => `the result was ${shown(results)}`,
      )
      await seat.notice(
        'order',
        `which says that ${order_no} is CANCELED`,
        (told) => told.order_no === order_no && told.status === 'CANCELED',
      )
      hold((await seat.openOrders()).length === 0, () => 'it is still open')
    },
  ),
  check(
    'cancels all open orders of the symbol for an empty list',
    'the kill switch and cancel_on_disconnect rely on it',
    async (trial) => {
      const seat = await trial.login()
      const nos = [await seat.place(trial.subject.resting), await seat.place(trial.subject.resting)]
      const results = await seat.cancel()
      const missing = nos.filter(({ order_no }) => !results.some((each) => each.order_no === order_no && each.result))
      hold(missing.length === 0, () => `${shown(missing)} are not among the results ${shown(results)}`)
      hold((await seat.openOrders()).length === 0, () => 'orders are still open')
    },
  ),
  check(
    'says false, in words, to the cancel of an order that is not open, one result for each that was named',
    'true would mean that it was open until now, and not filled',
    async (trial) => {
      const seat = await trial.login()
      const { order_no } = await seat.place(trial.subject.resting)
      const results = await seat.cancel('no-such-order', order_no)
      const of = (no: string) => results.find((each) => each.order_no === no)
      hold(results.length === 2, () => `two were named, the results are ${shown(results)}`)
      hold(of('no-such-order')?.result === false, () => `of no-such-order it says ${shown(of('no-such-order'))}`)
      hold(of('no-such-order')?.error_message !== '', () => 'it says no reason')
      hold(of(order_no)?.result === true, () => `of the open order it says ${shown(of(order_no))}`)
    },
  ),
  check(
    'lets no IOC order rest: without a counterparty it ends CANCELED',
    'a taker that rests is an unintended position',
    async (trial) => {
      const seat = await trial.login()
      const { order_no } = await seat.place({ ...trial.subject.resting, order_type: 'IOC' })
      await seat.notice(
        'order',
        `which says that the IOC order ${order_no} is CANCELED`,
        (told) => told.order_no === order_no && told.status === 'CANCELED',
      )
      hold((await seat.openOrders()).length === 0, () => 'it is open')
    },
  ),
]
