import { expect, it, jest } from '@jest/globals'
import { Subscription } from 'rxjs'
import { limitOrder as order, loggedIn, orderNotice } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

it('an order that ends Unresolved and is resolved later leaves no open subscription in its login', () => {
  const { server, account, pass } = loggedIn()
  /** Those that are nothing but a Subscription: a Subscriber leaves its parent as its source ends. */
  const added: Subscription[] = []
  const { add } = Subscription.prototype
  const spy = jest.spyOn(Subscription.prototype, 'add').mockImplementation(function (this: Subscription, teardown) {
    if (teardown instanceof Subscription && teardown.constructor === Subscription) added.push(teardown)
    add.call(this, teardown)
  })
  let unknown = 0
  for (let i = 0; i < 20; i++) {
    const placed = watch(account.placeOrder(order))
    pass(60_000)
    if (placed.error !== undefined) unknown++
    const { cid } = server.of('place_order').at(-1)!
    server.side.notify('order', orderNotice({ order_no: `n${i}`, status: 'FILLED', remain: 0, cid }))
    pass(10)
  }
  spy.mockRestore()
  expect(unknown).toBe(20)
  // One is the login's own.
  expect(added.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(1)
})
