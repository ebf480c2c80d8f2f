/**
 * One server that shows every line of "Deployed: what a client must survive" of the protocol's research, over a real
 * socket, and our client trading against it. What each quirk does by itself is tested, in virtual time, beside this file.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { filter, firstValueFrom, Subscription, take, toArray } from 'rxjs'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  type Account,
  connect,
  type Gateway,
  type OrderState,
  Rejected,
  Unresolved,
  type View,
} from '../../src/client/index.js'
import { credentials, limitOrder, orderNotice } from '../support/logged-in.js'
import { type Watched, watch } from '../support/watch.js'

type Frame = Record<string, unknown> & { op: string; cid?: string }

const fill = (order_no: string, fill_no = 'f') => ({
  symbol: 'BTC/USDT',
  order_no,
  fill_no,
  price: 100,
  quantity: 2,
  side: 'BUY',
  liquidity: null,
  ctime: 1,
})

/** A gateway as they are in the field: its habits, good and bad, by what is asked of it. */
const deployedServer = () => {
  const seen: Frame[] = []
  let tries = 0
  let placed = 0

  const talk = (socket: WebSocket): void => {
    const send = (frame: object): void => socket.send(JSON.stringify(frame))
    const notify = (topic: string, data: unknown): void => send({ op: 'notify', topic, token: 'the-token', data })
    const state = (code: number, msg = ''): void => send({ op: 'state', token: 'the-token', code, msg })
    const reply = (to: Frame, fields: object): void =>
      send({ op: to.op, cid: to.cid ?? '', result: true, error_message: '', ...fields })
    const refuse = (to: Frame, error_message: string): void =>
      send({ op: to.op, cid: to.cid ?? '', result: false, error_message })
    const snapshot = (): void => {
      // locked and total are 0 in the notice, whatever the truth; a zero comes as -0.
      socket.send(
        '{"op":"notify","topic":"asset","token":"the-token","data":{"USDT":{"free":5,"locked":-0,"total":-0}}}',
      )
      notify('order', orderNotice({ order_no: 'open', price: null, order_type: 'MARKET' }))
    }

    const place = (frame: Frame): void => {
      const order_no = String(++placed)
      const notice = (fields: object) => notify('order', orderNotice({ order_no, ...fields }))
      switch (frame.price) {
        case 1: // notices before the reply, the fill before the order, each twice, an older utime after a newer one
          notify('fill', fill(order_no))
          notice({ utime: 5, status: 'FILLED', remain: 0 })
          notice({ utime: 4, status: 'SUBMITTED' })
          notify('fill', fill(order_no))
          return reply(frame, { order_no })
        case 2: // CANCELED, and then FILLED
          reply(frame, { order_no })
          notice({ utime: 5, status: 'CANCELED', remain: 0 })
          return notice({ utime: 6, status: 'FILLED', remain: 0 })
        case 3: // its own call to the exchange timed out; the order exists
          refuse(frame, '')
          return notice({ ctime: Date.now(), utime: Date.now(), price: 3 })
        case 4:
          return refuse(frame, 'insufficient balance')
        default: // no notice at all
          return reply(frame, { order_no })
      }
    }

    const answers: Record<string, (frame: Frame) => void> = {
      ping: (frame) => send({ op: 'pong', ts: frame.ts }),
      login: (frame) => {
        if (++tries === 1) return refuse(frame, 'Do not log in repeat')
        // State and notices before the reply that first names their token; codes that nobody has documented.
        state(2)
        snapshot()
        state(8, 'database')
        reply(frame, { token: 'the-token' })
        state(6)
        // Position and asset come again after READY on one platform.
        snapshot()
        // A frame that could not be processed is answered without a cid.
        send({ op: 'error', error_message: "'symbol'" })
        send({ op: 'never-heard-of', token: 'the-token' })
      },
      place_order: place,
      // The successful cancel of exactly one order: a notice, and no reply.
      cancel_order: (frame) => {
        const [order_no] = frame.order_nos as string[]
        notify('order', orderNotice({ order_no, status: 'CANCELED', utime: 9 }))
      },
      // utime is the time of creation here.
      open_orders: (frame) =>
        reply(frame, { data: [{ ...orderNotice({ order_no: 'open', utime: 1 }), symbol: undefined }] }),
      asset: (frame) => reply(frame, { data: { USDT: { free: 5, locked: 2, total: 7 } } }),
      symbol_info: (frame) =>
        reply(frame, {
          data: {
            price_tick: 0.01,
            size_tick: 0.001,
            size_limit: null,
            value_tick: null,
            value_limit: null,
            base_currency: 'BTC',
            quote_currency: 'USDT',
            settlement_currency: 'USDT',
          },
        }),
      logout: (frame) => reply(frame, {}),
      // position: spot never answers.
    }
    socket.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as Frame
      seen.push(frame)
      answers[frame.op]?.(frame)
    })
  }

  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', talk)
  return { server, seen }
}

describe('a deployed server', () => {
  const { server, seen } = deployedServer()
  let gateway: Gateway
  let account: Account
  let login = Subscription.EMPTY
  let orders: Watched<View<OrderState>>
  let errors: Watched<unknown>
  let states: Watched<{ name: string }>

  beforeAll(async () => {
    if (server.address() === null) await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    gateway = connect(`ws://127.0.0.1:${port}`, { requestTimeoutMs: 400, resolveWithinMs: 200, drainWithinMs: 200 })
    errors = watch(gateway.protocolErrors$)
    account = await new Promise((resolve, reject) => {
      login = gateway.login(credentials).subscribe({
        next: (each) => {
          states = watch(each.state$)
          resolve(each)
        },
        error: reject,
      })
    })
    orders = watch(account.orders('BTC/USDT'))
    await firstValueFrom(account.ready$.pipe(filter(Boolean)))
  })

  afterAll(async () => {
    login.unsubscribe()
    await firstValueFrom(gateway.status$.pipe(filter(({ _tag }) => _tag === 'Idle')))
    server.close()
    await once(server, 'close')
  })

  it('says `Do not log in repeat` once, and is logged in to all the same', () => {
    expect(seen.filter(({ op }) => op === 'login')).toHaveLength(2)
  })

  it('has its states and notices from before the login reply delivered, unknown codes included', () => {
    expect(states.values.map(({ name }) => name)).toEqual(['CONNECT_SUCCESS', 'STATE_8', 'READY'])
  })

  it('has its complaints and unknown ops surfaced, and nothing else suffers', async () => {
    await firstValueFrom(account.asset())
    expect(errors.values).toMatchObject([{ error: { _tag: 'ServerComplaint' } }, { error: { reason: 'op' } }])
  })

  it('tells an order and its fill before the reply, twice and out of order: one fill, one order, FILLED', async () => {
    const fills = watch(account.fill$)
    const placed = await firstValueFrom(account.placeOrder({ ...limitOrder, price: 1 }))
    expect(fills.values).toMatchObject([{ order_no: placed.order_no, liquidity: null }])
    expect(orders.last?.all.has(placed.order_no)).toBe(false)
  })

  it('tells CANCELED and then FILLED: FILLED it is', async () => {
    const updates = account.track({ ...limitOrder, price: 2 }).pipe(toArray())
    const last = (await firstValueFrom(updates)).at(-1)
    expect(last).toMatchObject({ _tag: 'Ended', order: { status: 'FILLED' } })
  })

  it('says false to an order that exists: Unresolved, with the order as evidence', async () => {
    const error: unknown = await firstValueFrom(account.placeOrder({ ...limitOrder, price: 3 })).catch(
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(Unresolved)
    expect((error as Unresolved).evidence).toContainEqual({ kind: 'matching-order', symbol: 'BTC/USDT', order_no: '3' })
  })

  it('refuses an order and means it: Rejected', async () => {
    const error: unknown = await firstValueFrom(account.placeOrder({ ...limitOrder, price: 4 })).catch(
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(Rejected)
  })

  it('never replies to the cancel of one order: its notice will do', async () => {
    const results = await firstValueFrom(account.cancelOrder({ symbol: 'BTC/USDT', order_nos: ['5'] }))
    expect(results).toEqual([{ order_no: '5', result: true, error_message: '' }])
  })

  it('never answers position on spot: Unresolved by timeout, and nobody else waits', async () => {
    const error: unknown = await firstValueFrom(account.position('BTC/USDT')).catch((e: unknown) => e)
    expect(error).toMatchObject({ _tag: 'Unresolved', cause: 'timeout' })
  })

  it('has nulls where the tables say number', async () => {
    const info = await firstValueFrom(account.symbolInfo('BTC/USDT'))
    expect(info).toMatchObject({ size_limit: null, value_tick: null, value_limit: null })
  })

  it('has another clock for snapshots than for notices: the open order is seen, whatever its utime', () => {
    expect(orders.last?.all.get('open')).toBeDefined()
  })

  it('tells half the truth in asset notices: balances() asks for the whole', async () => {
    const [view] = await firstValueFrom(account.balances().pipe(take(1), toArray()))
    expect(view?.all.get('USDT')).toEqual({ free: 5, locked: 2, total: 7 })
  })

  it('has been sent no order twice', () => {
    const cids = seen.filter(({ op }) => op === 'place_order').map(({ cid }) => cid)
    expect(new Set(cids).size).toBe(4)
    expect(cids).toHaveLength(4)
  })
})
