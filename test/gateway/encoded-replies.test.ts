import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encodeOnce } from '../../src/gateway/connection/outbox.js'
import { encodeFrame, type OpenOrder, type ServerFrame } from '../../src/protocol/index.js'
import { anOrder } from './fake-exchange.js'

const orders = (count: number): OpenOrder[] =>
  Array.from({ length: count }, (_, i) => ({ ...anOrder, order_no: `${i}` }))
const frozen = (list: OpenOrder[]): OpenOrder[] => Object.freeze(list.map((each) => Object.freeze(each))) as OpenOrder[]
const reply = (cid: string, data: OpenOrder[]): ServerFrame => ({
  ...{ op: 'open_orders', cid, result: true, error_message: '' },
  data,
})

describe('encodeOnce', () => {
  it('gives what encodeFrame gives, whatever the cid, the first time and again', () => {
    const lists = [[], orders(3), frozen([]), frozen(orders(3))]
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(...lists), (cid, data) => {
        expect(encodeOnce(reply(cid, data))).toBe(encodeFrame(reply(cid, data)))
      }),
    )
  })

  it('checks and encodes frozen data once', () => {
    let read = 0
    const order = Object.freeze({
      ...anOrder,
      get order_no() {
        read++
        return '1'
      },
    })
    const data = frozen([order])
    encodeOnce(reply('a', data))
    const before = read
    for (let i = 0; i < 100; i++) encodeOnce(reply(`${i}`, data))
    expect(before).toBeGreaterThan(0)
    expect(read).toBe(before)
  })

  it.each<[string, (list: OpenOrder[]) => OpenOrder[]]>([
    ['is not frozen', (list) => list],
    ['is frozen but holds orders that are not', (list) => Object.freeze(list) as OpenOrder[]],
  ])('encodes data anew that %s', (_, made) => {
    const data = made(orders(2))
    encodeOnce(reply('a', data))
    data[0]!.remain = 0.125
    expect(encodeOnce(reply('a', data))).toContain('0.125')
  })

  it('does not take the answer to one question for that to another', () => {
    const data = Object.freeze({}) as Record<string, never>
    const asset: ServerFrame = { op: 'asset', cid: 'c', result: true, error_message: '', data }
    expect(encodeOnce(asset)).toBe(encodeFrame(asset))
    expect(() => encodeOnce({ ...asset, op: 'symbol_info' } as unknown as ServerFrame)).toThrow()
  })
})
