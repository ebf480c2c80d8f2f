import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { OrderEvent, OrderRequest } from '../../src/client/index.js'
import { createOrderEvents } from '../../src/client/orders/order-events.js'
import { createOrderStore } from '../../src/client/state/stores/index.js'
import { isEnd } from '../../src/orders/index.js'
import type { Fill, Order } from '../../src/protocol/index.js'
import { withRiskLimits } from '../../src/strategy/index.js'
import { NEVER } from 'rxjs'
import { fillNotice as fill, limitOrder, loggedIn, orderNotice } from '../support/logged-in.js'
import type { Handler } from '../support/scripted-server.js'
import { watch } from '../support/watch.js'

const accepts: Handler = (frame, side) => side.reply(frame, { order_no: '1' })

/** One word for each event: its tag and what distinguishes it. */
const word = (event: OrderEvent): string => {
  switch (event._tag) {
    case 'Accepted':
    case 'Missing':
    case 'Reappeared':
      return `${event._tag} ${event.order_no}`
    case 'PartiallyFilled':
    case 'Filled':
      return `${event._tag} ${event.fill.fill_no}`
    case 'Closed':
      return `Closed ${event.reason}`
    case 'Resolved':
      return `Resolved ${event.outcome}`
    case 'Denied':
      return `Denied ${event.reason}`
    default:
      return event._tag
  }
}

const listening = (handlers: Record<string, Handler> = {}, ...rest: [object?, object?]) => {
  const scene = loggedIn(handlers, ...rest)
  const events = watch(scene.account.orderEvent$)
  return { ...scene, events, words: () => events.values.map(word) }
}

describe('order events', () => {
  it('follow an order from its submission to its end', () => {
    const { server, account, pass, words, events } = listening({ place_order: accepts })
    watch(account.placeOrder(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice())
    server.side.notify('fill', fill('a', 0.5))
    server.side.notify('order', orderNotice({ remain: 1.5, status: 'PARTIAL-FILLED', utime: 2 }))
    server.side.notify('fill', fill('b', 1.5))
    server.side.notify('order', orderNotice({ remain: 0, status: 'FILLED', utime: 3 }))
    pass(1_000)
    expect(words()).toEqual(['Submitted', 'Accepted 1', 'PartiallyFilled a', 'Filled b', 'Closed FILLED'])
    const [{ cid } = { cid: '' }] = server.of('place_order')
    expect(events.values.every((event) => 'cid' in event && event.cid === cid)).toBe(true)
  })

  it('name a fill and an end only behind Accepted, with the cid, though the reply comes last', () => {
    const { server, account, pass, words, events } = listening({
      place_order: (frame, side) => {
        side.notify('fill', fill('a', 2))
        side.notify('order', orderNotice({ remain: 0, status: 'FILLED' }))
        side.reply(frame, { order_no: '1' })
      },
    })
    watch(account.placeOrder(limitOrder))
    pass(1_000)
    expect(words()).toEqual(['Submitted', 'Accepted 1', 'Filled a', 'Closed FILLED'])
    expect(events.values[1]).toMatchObject({ cid: server.of('place_order')[0]?.cid })
  })

  it('tell the orders of other clients, without a cid', () => {
    const { server, pass, words } = listening()
    server.side.notify('order', orderNotice({ order_no: '9' }))
    server.side.notify('order', orderNotice({ order_no: '9' }))
    server.side.notify('order', orderNotice({ order_no: '9', status: 'CANCELED', utime: 2 }))
    pass(10)
    expect(words()).toEqual(['Accepted 9', 'Closed CANCELED'])
  })

  it('hold an unnamed order back while a reply that may name it is under way', () => {
    let answer = (): void => undefined
    const { server, account, pass, words, events } = listening({
      place_order: (frame, side) => {
        answer = () => side.reply(frame, { order_no: '1' })
      },
    })
    watch(account.placeOrder(limitOrder))
    pass(10)
    server.side.notify('order', orderNotice({ order_no: '9' }))
    server.side.notify('order', orderNotice())
    pass(10)
    expect(words()).toEqual(['Submitted'])
    answer()
    pass(10)
    expect(words()).toEqual(['Submitted', 'Accepted 1', 'Accepted 9'])
    expect(events.values.map((event) => 'cid' in event && event.cid !== undefined)).toEqual([true, true, false])
  })

  it('tell a refusal by the server apart from one by the client and from one by the risk limits', () => {
    const { account, pass, words } = listening({
      place_order: (frame, side) => side.reply(frame, { result: false, error_message: 'insufficient balance' }),
    })
    watch(account.placeOrder(limitOrder))
    watch(account.placeOrder({ ...limitOrder, quantity: 0 }))
    pass(10)
    expect(words()).toEqual(['Submitted', 'Denied invalid', 'Rejected'])
    const guarded = withRiskLimits(account, {
      maxOrderSize: 1,
      maxOrderValue: 1e6,
      maxPosition: 10,
      reference$: NEVER,
    })
    const denied = watch(guarded.orderEvent$)
    watch(guarded.placeOrder(limitOrder))
    pass(10)
    expect(denied.values.map(word)).toEqual(['Denied order-size'])
  })

  it('tell an order without an answer as Unresolved and later as Resolved, once', () => {
    const { server, account, pass, words } = listening({ place_order: () => undefined })
    watch(account.placeOrder(limitOrder))
    pass(60_000)
    expect(words()).toEqual(['Submitted', 'Unresolved'])
    server.side.notify('order', orderNotice({ cid: server.of('place_order')[0]?.cid }))
    pass(10)
    expect(words().slice(2).sort()).toEqual(['Accepted 1', 'Resolved accepted'])
    pass(60_000)
    expect(words()).toHaveLength(4)
  })

  it('tell a missing order before reconciled$, and that it is open after all', () => {
    const { server, account, pass, words } = listening({
      open_orders: (frame, side) => side.reply(frame, { data: [] }),
    })
    watch(account.orders('BTC/USDT'))
    pass(10)
    server.side.notify('order', orderNotice())
    pass(10)
    const seen: string[] = []
    account.reconciled$.subscribe(() => seen.push(words().join()))
    server.side.connection.abandon()
    pass(30_000)
    expect(seen).toEqual(['Accepted 1,Missing 1'])
    server.side.notify('order', orderNotice({ utime: 2 }))
    pass(10)
    expect(words().slice(2)).toEqual(['Reappeared 1'])
  })

  it('reach every subscriber in the same order, though one of them places an order within an event', () => {
    const scene = loggedIn({ place_order: accepts })
    let again = true
    scene.account.orderEvent$.subscribe(() => {
      if (!again) return
      again = false
      watch(scene.account.placeOrder({ ...limitOrder, quantity: 0 }))
    })
    const second = watch(scene.account.orderEvent$)
    watch(scene.account.placeOrder(limitOrder))
    scene.pass(10)
    expect(second.values.map(word)).toEqual(['Submitted', 'Denied invalid', 'Accepted 1'])
  })

  it('come once each, though a subscriber causes another fill while it hears of one', () => {
    const ledger = createOrderStore()
    const events = createOrderEvents(ledger)
    const notice = orderNotice() as Order
    let again = true
    events.event$.subscribe((event) => {
      if (!again || event._tag !== 'PartiallyFilled') return
      again = false
      ledger.fill(fill('c', 0.5) as Fill)
    })
    const second = watch(events.event$)
    ledger.fill(fill('a', 0.5) as Fill)
    ledger.fill(fill('b', 0.5) as Fill)
    ledger.notice(notice)
    expect(second.values.map(word)).toEqual([
      'Accepted 1',
      'PartiallyFilled a',
      'PartiallyFilled b',
      'PartiallyFilled c',
    ])
  })

  it('complete with the login', () => {
    const { account, pass, events } = listening({ logout: (frame, side) => side.reply(frame) })
    watch(account.drain())
    pass(20_000)
    expect(events.ended).toBe('completed')
  })
})

describe('property: order events', () => {
  interface Shown {
    readonly order_no: string
    readonly status: string
    readonly remain: number
    readonly utime: number
  }
  const order_no = fc.constantFrom('1', '2', '3')
  const notice = fc.record<Shown>({
    order_no,
    status: fc.constantFrom('SUBMITTED', 'PARTIAL-FILLED', 'FILLED', 'CANCELED', 'FAILED'),
    remain: fc.integer({ min: 0, max: 2 }),
    utime: fc.integer({ min: 1, max: 9 }),
  })
  const fillNotice = fc.record({ order_no, fill_no: fc.constantFrom('a', 'b', 'c'), quantity: fc.constantFrom(0.5, 1) })
  const step = fc.oneof(
    notice.map((data) => ({ topic: 'order', data: orderNotice(data) })),
    fillNotice.map((data) => ({ topic: 'fill', data: fill(data.fill_no, data.quantity, data) })),
    fc.constant({ topic: 'place', data: {} }),
  )

  const checkEach = (events: readonly OrderEvent[]): void => {
    const byNumber = new Map<string, OrderEvent[]>()
    for (const event of events) {
      if (!('order_no' in event) || event._tag === 'Resolved') continue
      byNumber.set(event.order_no, [...(byNumber.get(event.order_no) ?? []), event])
    }
    for (const own of byNumber.values()) {
      expect(own.map(({ _tag }) => _tag).indexOf('Accepted')).toBe(0)
      expect(own.filter(({ _tag }) => _tag === 'Accepted')).toHaveLength(1)
      const fills = own.flatMap((event) => ('fill' in event ? [event.fill.fill_no] : []))
      expect(new Set(fills).size).toBe(fills.length)
      const ends = own.flatMap((event) => (event._tag === 'Closed' ? [event.reason] : []))
      expect(ends.length).toBeLessThanOrEqual(2)
      if (ends.length === 2) expect(ends[1]).toBe('FILLED')
      expect(ends.every(isEnd)).toBe(true)
    }
  }

  it('begin with Accepted and hold each step once, whatever notices come twice, late or in a wrong order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let placed = 0
        const { server, account, pass, events } = listening({
          place_order: (frame, side) => side.reply(frame, { order_no: String(++placed) }),
        })
        const fills = watch(account.fill$)
        for (const { topic, data } of steps) {
          if (topic === 'place') {
            if (placed < 3) watch(account.placeOrder(limitOrder as OrderRequest))
          } else server.side.notify(topic, data)
          if (topic !== 'order') pass(1)
        }
        pass(5_000)
        checkEach(events.values)
        const told = events.values.flatMap((event) => ('fill' in event ? [event.fill] : []))
        // Fills of orders that no notice and no reply ever told are left out.
        const known = new Set(events.values.flatMap((event) => (event._tag === 'Accepted' ? [event.order_no] : [])))
        expect(told).toHaveLength(fills.values.filter((each) => known.has(each.order_no)).length)
      }),
      { numRuns: 60 },
    )
  })
})
