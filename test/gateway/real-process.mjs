// A gateway as it is built, in a process of its own, with what the command line has no words for: short limits, a journal that is soon full, and an
// exchange that fails in the middle of an order. It takes these as JSON, and says where it listens.
import { concat, NEVER, of, throwError } from 'rxjs'
import { OutcomeUnknown, listen, paperPlatforms } from 'rxquant/gateway'

const { limits = {}, journal, mostBytes } = JSON.parse(process.argv[2])

const ends = {
  'breaks off': () => throwError(() => new OutcomeUnknown('the exchange hung up')),
  crashes: () => {
    throw new TypeError('cannot read properties of undefined')
  },
  'says nothing': () => NEVER,
}
const state = (code, msg) => ({ _tag: 'state', code, msg })
const failing = (end) => ({
  open: () => ({
    event$: concat(of(state(2, 'connected'), state(6, 'ready')), NEVER),
    placeOrder: end,
    cancelOrder: end,
    openOrders: end,
    asset: () => of({ USDT: { free: 1, locked: 0, total: 1 } }),
    position: end,
    symbolInfo: end,
  }),
})
const paper = paperPlatforms({ market: 'none', ...(journal && { journal, journalOptions: { mostBytes } }) })
const platforms = new Map([...paper, ...Object.entries(ends).map(([name, end]) => [name, failing(end)])])

listen({ port: 0, platforms, limits }).subscribe((event) => {
  if (event.type === 'listening') console.log(`listening on ${event.url}`)
})
