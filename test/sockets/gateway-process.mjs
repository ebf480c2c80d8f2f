// A paper gateway in a process of its own, for tests that kill it, stop it and ask it. It takes a GatewayLife (gateway.ts) as JSON.
import { createHash } from 'node:crypto'
import { defer, map, tap } from 'rxjs'
import { listen, paperPlatforms } from 'rxquant/gateway'

const { port = 0, journal, features = 'all', limits = {} } = JSON.parse(process.argv[2])

/** Set by the test: that it shall be killed, as by kill -9, when the next order has been taken and before the reply. */
let dies = false

/** What reached the exchange since this process began: every place_order, and those that became orders. */
const arrived = []
const accepted = []

/** Deployed servers know no cids and no numbers. */
const asDeployed = ({ cid: _cid, seq: _seq, ...order }) => order
const deployedEvent = (event) =>
  event._tag === 'notice' && (event.topic === 'order' || event.topic === 'fill')
    ? { ...event, data: asDeployed(event.data) }
    : event

const watched = (platform) => ({
  ...platform,
  ...(features === 'all' ? {} : { features: features === 'cid' ? ['cid'] : [] }),
  open: (login) => {
    const session = platform.open(login)
    const placeOrder = (order) =>
      defer(() => {
        arrived.push(order.cid)
        return session.placeOrder(order)
      }).pipe(
        tap(({ order_no }) => {
          accepted.push({ cid: order.cid, order_no, order_type: order.order_type })
          // The order is in the books and in the journal, and its reply is not written.
          if (dies) process.kill(process.pid, 'SIGKILL')
          process.send({ kind: 'accepted', cid: order.cid, order_no })
        }),
      )
    if (features === 'all') return { ...session, placeOrder }
    const plain = { ...session, placeOrder, history: undefined }
    if (features === 'cid') return plain
    return {
      ...plain,
      memory: undefined,
      event$: session.event$.pipe(map(deployedEvent)),
      openOrders: (symbol) => session.openOrders(symbol).pipe(map((orders) => orders.map(asDeployed))),
    }
  },
})

const platform = paperPlatforms({
  market: 'none',
  startBalances: { USDT: 10_000_000, BTC: 100 },
  ...(journal === undefined ? {} : { journal }),
}).get('huobi')

const accountOf = (key) => `paper-${createHash('sha256').update(key).digest('hex').slice(0, 24)}`

process.on('message', (message) => {
  if (message.dies) {
    dies = true
    process.send({ kind: 'mortal' })
  } else tellBooks(message)
})
const tellBooks = ({ access_key }) => {
  const { exchange } = platform
  const account = accountOf(access_key)
  process.send({
    kind: 'books',
    open: exchange.openOrders(account, 'BTC/USDT'),
    assets: exchange.assets(account),
    faults: exchange.audit(),
    orders: exchange.state().orders,
    arrived,
    accepted,
  })
}
// The test that started it has gone.
process.on('disconnect', () => process.exit())

listen({ platforms: new Map([['huobi', watched(platform)]]), port, limits }).subscribe((event) => {
  process.send({ ...event, kind: event.type })
})
