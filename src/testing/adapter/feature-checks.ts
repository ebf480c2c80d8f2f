import { hold, shown } from './adapter-fault.js'
import { check } from './check.js'
import type { Seat } from './adapter-client.js'

const seqsOf = (seat: Seat): unknown[] =>
  seat.events.flatMap((event) =>
    event._tag === 'notice' && (event.topic === 'order' || event.topic === 'fill') ? [event.data.seq] : [],
  )

/** Checks of an announced feature; an adapter without the feature skips them. */
export const featureChecks = [
  check(
    'remembers cids for all sessions of an account, and for that account alone, if it announces `cid`',
    'a client sends an order again on this promise: kept badly, it becomes two',
    async (trial) => {
      if (trial.adapter.features?.includes('cid') !== true) return
      const mine = await trial.login(0)
      const { memory } = mine.session
      mine.leave()
      const [again, other] = [await trial.login(0), await trial.login(1)]
      hold(memory !== undefined, () => 'the session has no memory')
      hold(again.session.memory === memory, () => 'another session of the account has another memory')
      hold(other.session.memory !== memory, () => 'another account has the same memory')
    },
  ),
  check(
    'tells orders with the cid that they were placed with, if it announces `cid`',
    'it is the proof of an order whose reply was lost',
    async (trial) => {
      if (trial.adapter.features?.includes('cid') !== true) return
      const seat = await trial.login()
      const cid = 'a-cid-of-the-contract'
      const { order_no } = await seat.place(trial.subject.resting, { cid })
      const isIt = (order: { order_no: string }) => order.order_no === order_no
      const notice = await seat.notice('order', `of ${order_no}`, isIt)
      hold(notice.cid === cid, () => `the notice has cid ${shown(notice.cid)}`)
      const open = (await seat.openOrders()).find(isIt)
      hold(open?.cid === cid, () => `the open order has cid ${shown(open?.cid)}`)
    },
  ),
  check(
    'numbers order and fill notices without a hole, and keeps them while the account is logged out, if it announces `resume`',
    'a client that comes back gets `complete` on this promise, and looks no further',
    async (trial) => {
      if (trial.adapter.features?.includes('resume') !== true) return
      const first = await trial.login(0)
      const { history } = first.session
      hold(history !== undefined, () => 'the session has no history')
      const before = history.seq
      const [maker, taker] = trial.subject.trading
      const { order_no } = await first.place(maker)
      const told = seqsOf(first)
      hold(
        told.every((seq, nth) => seq === before + 1 + nth),
        () => `after ${before} the notices were numbered ${shown(told)}`,
      )
      const seen = history.seq
      first.leave()
      const other = await trial.login(1)
      await other.place(taker)
      await other.settle()
      const missed = history.since(seen)
      const isFill = missed?.some(({ topic, data }) => topic === 'fill' && data.order_no === order_no)
      hold(isFill === true, () => `filled while away, the history keeps ${shown(missed)}`)
    },
  ),
  check(
    'says of contracts whether an order opens or closes, if it announces `offset`',
    'in hedge mode the sign of an order says it, and notices have none',
    async (trial) => {
      if (trial.adapter.features?.includes('offset') !== true) return
      const seat = await trial.login()
      const { order_no } = await seat.place(trial.subject.resting)
      const notice = await seat.notice('order', `of ${order_no}`, (told) => told.order_no === order_no)
      hold(notice.offset === 'open', () => `the notice of an opening order has offset ${shown(notice.offset)}`)
    },
  ),
]
