import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A silent socket is dropped; the account continues over a new one',
  text: `The socket is open, but no frames arrive. Eleven seconds after the last answer the client drops it
without a closing handshake and reconnects. The account is not emitted again: a strategy keeps its state and
only sees ready$ change.`,
  lanes: `
    login →         10ms ok  10ms ready
    open_orders →   5ms orders()
    server#1        7s deaf
    client#1        login(paper)  5s ping  5s ping  5s ping  1s #abandoned
    client#2        16275ms login(paper)  20ms open_orders
    account         10ms account
    ready$          10ms no  10ms yes  15980ms no  295ms yes
    status          (Connecting Connected)  16s Lost  275ms (Connecting Connected)`,
  values: {
    account: 'paper',
    yes: true,
    no: false,
    ...{ Connecting: 'Connecting', Connected: 'Connected', Lost: 'Lost' },
  },
  untilMs: 20_000,
  run: ({ connect }) => {
    const gateway = connect()
    const account$ = gateway.login({
      platform: 'paper',
      symbols: ['BTC/USDT'],
      access_key: 'key-1',
      secret_key: 'secret-1',
    })
    return {
      account: account$.pipe(map(({ platform }) => platform)),
      ready$: account$.pipe(switchMap((account) => account.ready$)),
      status: gateway.status$.pipe(map(({ _tag }) => _tag)),
    }
  },
})
