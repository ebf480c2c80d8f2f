import type { RestingOrder } from '../matching/order.js'

/** The last three digits of a number. */
const TAILS = Array.from({ length: 1000 }, (_, tail) => String(tail).padStart(3, '0'))

/** Order and trade numbers and the times: what all markets of an exchange share. */
export class Counters {
  nowMs = 0
  /** Time by the wall clock at the present command; nowMs is market time. */
  wallMs = 0
  /** Number of ids given. */
  orders = 0
  trades = 0
  /** Of the number that was last asked for: what its text begins with. */
  private thousands = 0
  private head: string

  constructor(private readonly prefix: string) {
    this.head = prefix
  }

  /** Gives an order its number. */
  number(order: RestingOrder): void {
    order.number = ++this.orders
  }

  tradeNo(): string {
    return this.noOf(++this.trades)
  }

  /**
   * Not `String(number)`: the engine keeps the last 16,384 texts that it has made of numbers, and
   * each collection of garbage would have thousands of them to carry on. A text put together is
   * garbage with its event.
   */
  noOf(number: number): string {
    if (number < 1000) return this.prefix + String(number)
    const tail = number % 1000
    const thousands = (number - tail) / 1000
    if (thousands !== this.thousands) {
      this.thousands = thousands
      this.head = this.prefix + String(thousands)
    }
    return this.head + (TAILS[tail] ?? '')
  }

  /** The number that an order_no of ours was made of; 0, which no order has, of any other text. */
  numberIn(orderNo: string): number {
    const { prefix } = this
    if (!orderNo.startsWith(prefix)) return 0
    let number = 0
    for (let at = prefix.length; at < orderNo.length; at++) {
      const digit = orderNo.charCodeAt(at) - 48
      // Nor has one that begins with 0: each number has one text.
      if (digit < 0 || digit > 9 || (digit === 0 && number === 0)) return 0
      number = number * 10 + digit
    }
    return number
  }
}
