import { describe, expect, it } from '@jest/globals'
import { createExchange } from '../../src/exchange/index.js'
import { PaperVenue } from '../../src/gateway/paper/paper-venue.js'

const opened = () => {
  const exchange = createExchange({ platform: 'huobi' })
  const venue = new PaperVenue(exchange, { wall: () => 1_000, monotonic: () => 0 })
  for (const account of ['anna', 'bert']) {
    venue.submit({ type: 'open-account', account, deposits: { USDT: 100_000, BTC: 5 } })
  }
  return venue
}
const order = (account: string, action: 'BUY' | 'SELL', price = 50_000) =>
  ({ type: 'place', account, symbol: 'BTC/USDT', action, price, quantity: 0.01, order_type: 'LIMIT' }) as const

describe('a paper venue', () => {
  it('gives a command its answer before anybody hears of what followed from it', () => {
    const venue = opened()
    const heard: string[] = []
    venue.watch('anna', ({ type }) => heard.push(type))
    venue.submit(order('anna', 'BUY'), ([first]) => heard.push(first!.type))
    expect(heard).toEqual(['accepted', 'order', 'assets'])
  })

  it('sends the cause before the consequence: an account that reacts to an event waits for its turn', () => {
    const venue = opened()
    const heard: string[] = []
    venue.watch('anna', (event) => {
      if (event.type === 'fill') venue.submit(order('anna', 'SELL', 60_000), () => heard.push('anna sells on'))
    })
    venue.watch('bert', ({ type }) => heard.push(`bert hears ${type}`))
    venue.submit(order('anna', 'BUY'))
    venue.submit(order('bert', 'SELL'))
    expect(heard).toEqual([
      'bert hears order',
      'bert hears fill',
      'bert hears order',
      'bert hears assets',
      'anna sells on',
    ])
  })

  it('tells an account nothing of another’s', () => {
    const venue = opened()
    const heard: unknown[] = []
    venue.watch('bert', (event) => heard.push(event))
    venue.submit(order('anna', 'BUY'))
    expect(heard).toEqual([])
  })
})
