// A client in a process of its own, for tests that kill it and stop it. It takes a ClientLife (client.ts) as JSON.
import { combineLatest } from 'rxjs'
import { connect, outcome, webSocket } from 'rxquant'
import { fileOrderJournal } from 'rxquant/journal'
import { WebSocket } from 'ws'

const { port, gatewayPort, access_key, journal, exclusiveAccount = false, options } = JSON.parse(process.argv[2])
const symbol = 'BTC/USDT'
const say = (kind, fields = {}) => process.send({ kind, ...fields })

const makeSocket = (url, protocols) => {
  const headers = { Host: `127.0.0.1:${gatewayPort}` }
  const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false })
  const send = socket.send.bind(socket)
  socket.send = (text, ...rest) => {
    const { op, cid } = JSON.parse(text)
    if (op === 'place_order') say('written', { cid })
    return send(text, ...rest)
  }
  return socket
}

const client = connect(webSocket(`ws://127.0.0.1:${port}/ws/v1`, { connectTimeoutMs: 400, makeSocket }), options)
client.status$.subscribe(({ _tag }) => say('status', { is: _tag }))

const login = {
  exclusiveAccount,
  ...(journal === undefined ? {} : { journal: fileOrderJournal(journal) }),
}
client.login({ platform: 'huobi', symbols: [symbol], access_key, secret_key: 'a-secret-key' }, login).subscribe({
  next: (account) => {
    account.tradable$.subscribe((is) => say('tradable', { is }))
    account.gap$.subscribe(({ recovered }) => say('gap', { recovered }))
    account.fill$.subscribe(({ order_no, fill_no }) => say('fill', { order_no, fill_no }))
    account.unresolved$.subscribe((orders) =>
      say('unresolved', {
        cids: orders.map(({ error }) => error.cid),
        requests: orders.map(({ error }) => error.request),
      }),
    )
    combineLatest([account.orders(symbol), account.balances()]).subscribe(([orders, balances]) => {
      const stale = orders.stale || balances.stale
      say('views', { stale, open: [...orders.all.keys()], assets: Object.fromEntries(balances.all) })
    })
    process.on('message', ({ order, maxAgeMs }) => {
      account
        .placeOrder(order, { maxAgeMs })
        .pipe(outcome())
        .subscribe(({ _tag, cid, value, reason }) => say('end', { is: _tag, cid: cid ?? value?.cid, reason }))
      say('asked')
    })
  },
  error: (error) => say('login failed', { error: String(error) }),
})
// The test that started it has gone.
process.on('disconnect', () => process.exit())
