import { describe, expect, it } from '@jest/globals'
import { paperPlatforms } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { VirtualGateway } from './virtual-gateway.js'

describe('paper accounts', () => {
  it('are opened for any key, up to a number; beyond it keys that have one may still log in', () => {
    const scheduler = new VirtualScheduler()
    const clock = virtualClock(scheduler)
    const platforms = paperPlatforms({ market: 'none', mostAccounts: 4, scheduler, clock })
    const gateway = new VirtualGateway(platforms, {}, scheduler)
    const client = gateway.connect()
    const login = (access_key: string) => client.login({ platform: 'huobi', access_key })
    // One of the four is the market's own.
    for (const key of ['one', 'two', 'three']) login(`key-number-${key}`)
    expect(() => login('key-number-four')).toThrow('has 4 paper accounts and opens no more')
    client.connection.close()
    gateway.advance(0)
    expect(platforms.get('huobi')?.exchange.accountCount).toBe(4)
    expect(gateway.connect().login({ platform: 'huobi', access_key: 'key-number-two' })).toBeDefined()
  })
})
