import { stateName } from '../../protocol/internal.js'

/** Frames as they were recorded: nothing about them is sure. */
export type Loose = Readonly<Record<string, unknown>>

export const isLoose = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const plainNumber = (value: unknown): value is number =>
  typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(String(value))

/** Text as an argument: as it stands where that is read back as the same text, else in quotes. */
const argument = (text: string): string =>
  text === '' || /[()[\]{}'",\\]|\/\/|^\s|\s$|^[-\d.]+$|^(true|false|null|undefined)$/.test(text)
    ? JSON.stringify(text)
    : text

const raw = (frame: Loose): string => `raw(${JSON.stringify(frame)})`

const word = (name: string, args: readonly string[] = []): string =>
  args.length === 0 ? name : `${name}(${args.join(', ')})`

/** `BUY 2 @ 101.5 IOC`; undefined where the notation cannot say it. */
export const orderText = ({ action, quantity, price, order_type }: Loose): string | undefined => {
  if ((action !== 'BUY' && action !== 'SELL') || !plainNumber(quantity)) return undefined
  if (order_type === 'MARKET') return price === 0 || price === null ? `${action} ${quantity} MARKET` : undefined
  if (!plainNumber(price) || price < 0) return undefined
  return `${action} ${quantity} @ ${price}${order_type === 'IOC' ? ' IOC' : ''}`
}

const stateWords = new Map([
  ['PARAM_MISS', 'param_miss'],
  ['CONNECT_SUCCESS', 'connected'],
  ['CONNECT_FAILED', 'failed'],
  ['DISCONNECT', 'disconnected'],
  ['RECONNECTING', 'reconnecting'],
  ['READY', 'ready'],
  ['GENERAL_ERROR', 'trouble'],
])

const stateWord = ({ code, msg }: Loose): string => {
  const name = stateWords.get(stateName(Number(code)))
  const words = typeof msg === 'string' && msg !== '' ? [argument(msg)] : []
  return name === undefined ? word('state', [String(code), ...words]) : word(name, words)
}

const assetsWord = (data: unknown): string | undefined => {
  if (!isLoose(data)) return undefined
  const parts = Object.entries(data).map(([currency, balance]) => {
    if (!isLoose(balance)) return undefined
    const { free, locked, total } = balance
    if (!plainNumber(free) || !plainNumber(locked) || locked < 0 || !plainNumber(total)) return undefined
    // Sums of binary fractions: what the word would add up to must be what was said.
    if (free + locked !== total || !/^[\w-]+$/.test(currency)) return undefined
    return locked === 0 ? `${currency} ${free}` : `${currency} ${free}/${locked}`
  })
  return parts.some((part) => part === undefined) ? undefined : word('assets', parts as string[])
}

const orderWord = (order: Loose): string | undefined => {
  const text = orderText(order)
  const { order_no, status, remain, order_type } = order
  if (text === undefined || typeof order_no !== 'string' || typeof status !== 'string' || !plainNumber(remain))
    return undefined
  if (!['LIMIT', 'IOC', 'MARKET'].includes(String(order_type))) return undefined
  return word('order', [argument(order_no), text, status, `remain ${remain}`])
}

const fillWord = (fill: Loose): string | undefined => {
  const text = orderText({ ...fill, action: fill.side, order_type: 'LIMIT' })
  const { order_no, fill_no, liquidity } = fill
  if (text === undefined || typeof order_no !== 'string' || typeof fill_no !== 'string') return undefined
  return /^[\w-]+$/.test(fill_no)
    ? word('fill', [
        argument(order_no),
        text,
        fill_no,
        ...(liquidity === 'TAKER' ? [] : [`liquidity ${String(liquidity)}`]),
      ])
    : undefined
}

/**
 * Writes a message of the server in the words of a lane; undefined for a message that a lane does
 * not need.
 */
export const noticeText = (frame: Loose): string | undefined => {
  const { op, topic, data } = frame
  if (op === 'pong') return undefined
  if (op === 'state') return stateWord(frame)
  if (op === 'error') return word('complaint', [argument(String(frame.error_message))])
  if (op !== 'notify' || !isLoose(data)) return raw(frame)
  if (topic === 'order') return orderWord(data) ?? raw(frame)
  if (topic === 'fill') return fillWord(data) ?? raw(frame)
  if (topic === 'asset') return assetsWord(data) ?? raw(frame)
  return raw(frame)
}

/** Writes a reply of the server in the words of a reply lane. */
export const replyText = (frame: Loose): string => {
  const { op, result, data, error_message } = frame
  const words = typeof error_message === 'string' && error_message !== '' ? [argument(error_message)] : []
  if (result === false) return word(frame.unknown === true ? 'unsure' : 'refused', words)
  if (op === 'login') return word('ok', Array.isArray(frame.features) ? frame.features.map(String) : [])
  if (op === 'logout') return 'ok'
  if (op === 'place_order' && typeof frame.order_no === 'string') return word('placed', [argument(frame.order_no)])
  if (op === 'cancel_order' && Array.isArray(data)) {
    const results: readonly unknown[] = data
    const done = results.every((each) => isLoose(each) && each.result === true)
    if (done) return `cancelled(${results.map((each) => argument(String((each as Loose).order_no))).join(', ')})`
  }
  if (op === 'open_orders' && Array.isArray(data) && data.length === 0) return 'orders()'
  if (op === 'asset') return assetsWord(data) ?? raw(frame)
  return raw(frame)
}

const wordOfOp = new Map([
  ['place_order', 'place'],
  ['cancel_order', 'cancel'],
])

/** The word of a request. */
export const requestWord = (op: string): string => wordOfOp.get(op) ?? op

/** A command as a lane of commands writes it; undefined for what is no command. */
export const commandText = (frame: Loose, symbolByDefault: string | undefined): string | undefined => {
  const { op, symbol } = frame
  const elsewhere = typeof symbol === 'string' && symbol !== symbolByDefault ? [`symbol ${symbol}`] : []
  switch (op) {
    case 'place_order': {
      const text = orderText(frame)
      return text === undefined ? undefined : word('place', [text, ...elsewhere])
    }
    case 'cancel_order':
      return Array.isArray(frame.order_nos)
        ? word('cancel', [...frame.order_nos.map((no) => argument(String(no))), ...elsewhere])
        : undefined
    case 'open_orders':
    case 'position':
    case 'symbol_info':
      return word(op, [argument(String(symbol))])
    case 'asset':
      return 'asset'
    default:
      return undefined
  }
}
