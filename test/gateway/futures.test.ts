import { describe, expect, it } from '@jest/globals'
import { NEVER } from 'rxjs'
import { paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { VirtualGateway } from './virtual-gateway.js'

const order = { op: 'place_order', symbol: 'BTC/USDT', price: 60_000, order_type: 'LIMIT' }

describe('futures over the wire', () => {
  it('are held long and short at once: the sign of the quantity says which side, the notices its offset', () => {
    const scheduler = new VirtualScheduler()
    const platforms = paperPlatforms({
      market: () => NEVER,
      scheduler,
      clock: virtualClock(scheduler, { startMs: 60_000 }),
    })
    const gateway = new VirtualGateway(platforms, { deadAfterMs: 1e9, loginWithinMs: 1e9 }, scheduler)
    const [anna, ben] = ['anna', 'ben'].map((access_key) => {
      const client = gateway.connect()
      return { client, token: client.login({ platform: 'huobi_future', symbols: ['BTC/USDT'], access_key }) }
    })
    const { client } = anna!
    expect(client.frames[0]?.features).toContain('offset')
    expect(client.frames.find(({ topic }) => topic === 'position')?.data).toMatchObject({
      symbol: 'BTC/USDT',
      long_quantity: 0,
    })

    client.send({ ...order, token: anna!.token, action: 'BUY', quantity: 5 })
    ben!.client.send({ ...order, token: ben!.token, action: 'SELL', quantity: -3 })

    const told = (topic: string) => client.frames.filter((frame) => frame.topic === topic).at(-1)?.data
    expect(told('fill')).toMatchObject({ side: 'BUY', quantity: 3, offset: 'open' })
    expect(told('order')).toMatchObject({ quantity: 5, remain: 2, offset: 'open', status: 'PARTIAL-FILLED' })
    expect(told('position')).toMatchObject({
      long_quantity: 3,
      long_avail_qty: 3,
      long_open_price: 60_000,
      margin_mode: 'crossed',
    })

    client.send({ op: 'position', cid: 'p', token: anna!.token, symbol: 'BTC/USDT' })
    expect(client.frames.at(-1)).toMatchObject({
      op: 'position',
      result: true,
      data: { long_quantity: 3, short_quantity: 0 },
    })
    expect(platforms.get('huobi_future')?.exchange.audit()).toEqual([])
  })
})
