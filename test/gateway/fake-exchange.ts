import { defer, finalize, type Observable, of, Subject } from 'rxjs'
import type { AdapterEvent, ExchangeAdapter, AdapterSession, LoginDetails, NewOrder } from '../../src/gateway/index.js'
import type { Feature, Order } from '../../src/protocol/index.js'

export const connected: AdapterEvent = { _tag: 'state', code: 2, msg: 'connected' }
export const ready: AdapterEvent = { _tag: 'state', code: 6, msg: 'ready' }
export const state = (code: number): AdapterEvent => ({ _tag: 'state', code, msg: `state ${code}` })

export const anOrder: Order = {
  symbol: 'BTC/USDT',
  order_no: '1',
  action: 'BUY',
  price: 100,
  quantity: 2,
  remain: 2,
  status: 'SUBMITTED',
  order_type: 'LIMIT',
  ctime: 1,
  utime: 1,
}
export const orderNotice = (order: Partial<Order> = {}): AdapterEvent => ({
  _tag: 'notice',
  topic: 'order',
  data: { ...anOrder, ...order },
})

/** A session that does as it is told: what each command gives back can be replaced. */
export class FakeSession implements AdapterSession {
  // eslint-disable-next-line rxjs-x/no-exposed-subjects -- tests hold it in their hand
  readonly event = new Subject<AdapterEvent>()
  readonly placed: NewOrder[] = []
  readonly cancelled: { symbol: string; order_nos: readonly string[] }[] = []
  subscriptions = 0
  unsubscriptions = 0
  onPlace: () => Observable<{ order_no: string }> = () => of({ order_no: String(this.placed.length) })
  onCancel: () => Observable<[]> = () => of([])
  onAsset: AdapterSession['asset'] = () => of({ USDT: { free: 1, locked: 0, total: 1 } })

  constructor(readonly login: LoginDetails) {}

  readonly event$: Observable<AdapterEvent> = defer(() => {
    this.subscriptions++
    return this.event.pipe(finalize(() => this.unsubscriptions++))
  })

  placeOrder(order: NewOrder) {
    return defer(() => {
      this.placed.push(order)
      return this.onPlace()
    })
  }

  cancelOrder(request: { symbol: string; order_nos: readonly string[] }) {
    return defer(() => {
      this.cancelled.push(request)
      return this.onCancel()
    })
  }

  asset() {
    return this.onAsset()
  }

  openOrders = () => of([])
  position = () => of()
  symbolInfo = () => of()
}

/** An exchange whose sessions a test holds in its hand. */
export class FakeExchange implements ExchangeAdapter {
  features: Feature[] = []
  readonly sessions: FakeSession[] = []
  onOpen: (login: LoginDetails) => void = () => {}

  open(login: LoginDetails): AdapterSession {
    this.onOpen(login)
    const session = new FakeSession(login)
    this.sessions.push(session)
    return session
  }

  /** The session of the last login. */
  get last(): FakeSession {
    return this.sessions.at(-1)!
  }
}
