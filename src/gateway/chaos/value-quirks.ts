import { type FrameQuirk, isNotice, isOrderNotice, isReply, type Passing, withData } from './frame-quirk.js'
import { fieldsOf, type WireFrame, without } from './wire-frame.js'

/**
 * A quirk that puts another frame in the place of one; undefined where there is nothing to change.
 */
const changing = (change: (frame: WireFrame) => WireFrame | undefined): FrameQuirk => ({
  fits: (frame) => change(frame) !== undefined,
  strike: (passing) => [{ ...passing, frame: change(passing.frame) ?? passing.frame }],
})

/** Applies `change` to the data of a notice or reply. */
const changingData = (change: (data: Readonly<Record<string, unknown>>, frame: WireFrame) => object | undefined) =>
  changing((frame) => {
    const fields = change(fieldsOf(frame.data), frame)
    return fields === undefined ? undefined : withData(frame, fields)
  })

/** `result: false` to an order that exists. */
export const replyUnsure = (words = ''): FrameQuirk =>
  changing((frame) =>
    isReply(frame, 'place_order') && frame.result === true
      ? ({ ...without(frame, 'order_no'), result: false, error_message: words } as unknown as WireFrame)
      : undefined,
  )

export const cancelSilent: FrameQuirk = {
  fits: (frame) =>
    isReply(frame, 'cancel_order') &&
    frame.result === true &&
    Array.isArray(frame.data) &&
    frame.data.length === 1 &&
    fieldsOf(frame.data[0]).result === true,
  strike: () => [],
}

/** One currency is enough of a hint to ask. */
export const assetHint = changing((frame) => {
  const [first] = Object.entries(fieldsOf(frame.data))
  if (!isNotice(frame, 'asset') || first === undefined) return undefined
  return { ...frame, data: { [first[0]]: { ...fieldsOf(first[1]), locked: 0, total: 0 } } }
})

const noPrices = { long_liquid_price: null, short_liquid_price: null }
const marketPrice = (order: Readonly<Record<string, unknown>>) => order.order_type === 'MARKET' && order.price !== null

export const nulls = changingData((data, frame) => {
  if (isReply(frame, 'symbol_info') && frame.result === true)
    return { value_tick: null, value_limit: null, size_limit: null }
  if (isNotice(frame, 'position') || (isReply(frame, 'position') && frame.result === true)) {
    const isFlat = data.long_quantity === 0 && data.short_quantity === 0
    return isFlat ? { ...noPrices, margin_mode: null, utime: null } : noPrices
  }
  if (isOrderNotice(frame) && marketPrice(data)) return { price: null }
  return isNotice(frame, 'fill') ? { liquidity: null } : undefined
})

const zero = /(?<!\\)":0(?=[,}])/

export const negativeZeros: FrameQuirk = {
  fits: (frame) => frame.op !== 'pong' && frame.op !== 'state' && zero.test(JSON.stringify(frame)),
  strike: (passing) => [{ ...passing, negativeZeros: true }],
}
/** JSON.stringify makes a 0 of a -0. */
export const withNegativeZeros = (text: string): string => text.replace(new RegExp(zero, 'g'), '":-0')

export const openOrdersCtime = changing((frame) =>
  isReply(frame, 'open_orders') && Array.isArray(frame.data) && frame.data.length > 0
    ? { ...frame, data: frame.data.map((order) => ({ ...fieldsOf(order), utime: fieldsOf(order).ctime })) }
    : undefined,
)

const extensionsOfOrders = ['cid', 'seq', 'offset', 'fee', 'fee_currency']
const extensionsOfReplies = ['epoch', 'seq', 'resume', 'unknown']

/**
 * Removes what a server without extensions does not send; market data stay, since a strategy needs
 * some.
 */
export const plain = changing((frame) => {
  if (isNotice(frame, ['order', 'fill'])) return { ...frame, data: without(frame.data, ...extensionsOfOrders) }
  if (frame.op === 'notify' || frame.op === 'state' || frame.op === 'pong') return undefined
  const bare = without(frame, ...extensionsOfReplies) as WireFrame
  if (frame.op === 'login') return { ...bare, features: ['market'] }
  if (frame.op === 'open_orders' && Array.isArray(frame.data))
    return { ...bare, data: frame.data.map((order) => without(order, ...extensionsOfOrders)) }
  return bare
})

/** Removes the fields of a request that such a server ignores. */
export const plainRequest = (frame: WireFrame): WireFrame =>
  // The text of a ping is kept: its `ts` may have more digits than a double holds.
  frame.op === 'ping'
    ? frame
    : (without(frame, 'features', 'resume', 'cancel_on_disconnect', 'valid_until') as WireFrame)

/** An order notice, and then one that is older. */
export const noticeOld = (): FrameQuirk => {
  const remembered = 100
  const latest = new Map<string, WireFrame>()
  let older: WireFrame | undefined
  return {
    fits: (frame) => {
      if (!isOrderNotice(frame)) return false
      const key = JSON.stringify([frame.token, fieldsOf(frame.data).order_no])
      older = latest.get(key)
      latest.delete(key)
      latest.set(key, frame)
      if (latest.size > remembered) for (const oldest of latest.keys()) if (latest.delete(oldest)) break
      return older !== undefined
    },
    strike: (passing) => [passing, ...(older === undefined ? [] : [{ frame: older, afterMs: passing.afterMs }])],
  }
}

export const canceledFirst: FrameQuirk = {
  fits: (frame) => isOrderNotice(frame) && fieldsOf(frame.data).status === 'FILLED',
  strike: (passing) => {
    const { quantity } = fieldsOf(passing.frame.data)
    return [{ ...passing, frame: withData(passing.frame, { status: 'CANCELED', remain: quantity }) }, passing]
  },
}

export const stateUnknown = (code = 8): FrameQuirk => ({
  fits: ({ op }) => op === 'state',
  strike: (passing) => [passing, { ...passing, frame: { ...passing.frame, code, msg: '' } }],
})

const unreadable = ['{"op":"notify","topic":"order"', 'null', '[]', '\ufeff{"op":"pong","ts":1}', '{"op":"__proto__"}']

export const garbage = (): FrameQuirk => {
  let nth = 0
  const next = (passing: Passing): Passing => ({ ...passing, text: unreadable[nth++ % unreadable.length] ?? '' })
  return { fits: ({ op }) => op !== 'pong', strike: (passing) => [passing, next(passing)] }
}
