import { AdapterRefused } from '../../gateway/index.js'
import { StateCode } from '../../protocol/index.js'
import { AdapterFault, hold, shown } from './adapter-fault.js'
import { check } from './check.js'
import type { Seat } from './adapter-client.js'

const codesOf = ({ events }: Seat): number[] => events.flatMap((event) => (event._tag === 'state' ? [event.code] : []))

/** The events before the first READY. */
const beforeReady = ({ events }: Seat) =>
  events.slice(
    0,
    events.findIndex((event) => event._tag === 'state' && event.code === StateCode.READY),
  )

/** Logging in, losing the exchange, leaving. */
export const loginChecks = [
  check(
    'says 2 CONNECT_SUCCESS first, and then 6 READY',
    'a client sends nothing before READY, and shows what it waits for',
    async (trial) => {
      const codes = codesOf(await trial.login())
      hold(codes[0] === StateCode.CONNECT_SUCCESS, () => `the first state was ${shown(codes[0])}`)
    },
  ),
  check(
    'tells the balances before READY',
    'a strategy that starts at READY sizes its first order by them',
    async (trial) => {
      const snapshot = beforeReady(await trial.login())
      const isAsset = snapshot.some((event) => event._tag === 'notice' && event.topic === 'asset')
      hold(isAsset, () => 'no asset notice came before READY')
    },
  ),
  check(
    'tells open orders again before READY at the next login',
    'what is left of an earlier life must be seen before anything new is sent',
    async (trial) => {
      const first = await trial.login()
      const { order_no } = await first.place(trial.subject.resting)
      first.leave()
      const snapshot = beforeReady(await trial.login())
      const isThere = snapshot.some(
        (event) => event._tag === 'notice' && event.topic === 'order' && event.data.order_no === order_no,
      )
      hold(isThere, () => `the open order ${order_no} was not among the notices before READY`)
    },
  ),
  check(
    'refuses a symbol that it does not trade, by AdapterRefused from open',
    'a slip of the pen in a symbol should fail the login in words, not every order',
    (trial) => {
      const { accounts, unknownSymbol = 'NO-SUCH/SYMBOL' } = trial.subject
      try {
        trial.open(accounts[0], [unknownSymbol])
      } catch (error) {
        hold(error instanceof AdapterRefused, () => `open threw ${shown(error)}, not an AdapterRefused`)
        hold(error.message !== '', () => 'the AdapterRefused says nothing')
        return Promise.resolve()
      }
      throw new AdapterFault(`a login for ${unknownSymbol} was opened`)
    },
  ),
  check(
    'never says READY for keys that the exchange does not take, and says why not',
    'a client must not wait without end, and must not trade on a login that is none',
    async (trial) => {
      const { badKeys } = trial.subject
      if (badKeys === undefined) return
      let seat: Seat
      try {
        seat = trial.open(badKeys)
      } catch (error) {
        hold(error instanceof AdapterRefused, () => `open threw ${shown(error)}, not an AdapterRefused`)
        return
      }
      seat.listen()
      const told: ReadonlySet<number> = new Set([
        StateCode.PARAM_MISS,
        StateCode.CONNECT_FAILED,
        StateCode.GENERAL_ERROR,
        StateCode.READY,
      ])
      await seat.heard(
        'a state that says why the keys are not taken (1, 3 or 7)',
        (event): event is Extract<typeof event, { _tag: 'state' }> => event._tag === 'state' && told.has(event.code),
      )
      await seat.settle()
      hold(!codesOf(seat).includes(StateCode.READY), () => 'READY was said for bad keys')
    },
    'badKeys',
  ),
  check(
    'reconnects by itself after a loss: 4, then 5, 2, snapshots and 6, without an end of its events',
    'commands are held back from 4 on, and let through again at 6; events that end are an emergency',
    async (trial) => {
      const { subject, adapter } = trial
      const seat = await trial.login()
      const { order_no } = await seat.place(subject.resting)
      const from = seat.events.length
      subject.drop?.(adapter)
      const after = () => seat.events.slice(from)
      await seat.heard(
        'READY after the loss',
        (event): event is typeof event =>
          after().includes(event) && event._tag === 'state' && event.code === StateCode.READY,
      )
      const codes = after().flatMap((event) => (event._tag === 'state' ? [event.code] : []))
      hold(codes[0] === StateCode.DISCONNECT, () => `the first state after the loss was ${shown(codes[0])}, not 4`)
      hold(codes.includes(StateCode.RECONNECTING), () => `5 RECONNECTING was never said: ${shown(codes)}`)
      hold(codes.includes(StateCode.CONNECT_SUCCESS), () => `2 CONNECT_SUCCESS was never said: ${shown(codes)}`)
      const isThere = after().some(
        (event) => event._tag === 'notice' && event.topic === 'order' && event.data.order_no === order_no,
      )
      hold(isThere, () => `the open order ${order_no} was not told again`)
      hold(seat.ended === undefined, () => `the events ${seat.ended}`)
    },
    'drop',
  ),
  check(
    'leaves resting orders alone when its events are no longer listened to',
    'a client whose socket falls finds its orders as it left them',
    async (trial) => {
      const first = await trial.login()
      const { order_no } = await first.place(trial.subject.resting)
      first.leave()
      const again = await trial.login()
      const open = await again.openOrders()
      hold(
        open.some((order) => order.order_no === order_no),
        () => `order ${order_no} is not open any more`,
      )
    },
  ),
  check(
    'tells an account nothing of another’s orders, fills and balances',
    'who hears of a stranger’s fill trades on it',
    async (trial) => {
      const watcher = await trial.login(1)
      const from = watcher.events.length
      const { order_no } = await (await trial.login(0)).place(trial.subject.resting)
      await watcher.settle()
      const heard = watcher.events.slice(from).filter((event) => event._tag === 'notice')
      hold(heard.length === 0, () => `of order ${order_no} the other account got ${shown(heard)}`)
    },
  ),
]
