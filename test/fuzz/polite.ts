type Ask = (frame: object) => Promise<readonly Record<string, unknown>[]>

/**
 * An honest client's visit, from login to logout: what is wrong with what it was told, in words. Its account is its own, so it knows to
 * the digit what must be there.
 */
export const politeVisit = async (ask: Ask, visit: number): Promise<readonly string[]> => {
  const wrong: string[] = []
  const expect = (what: string, found: unknown, wanted: unknown) => {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)]
    if (is !== should) wrong.push(`${what} is ${is} and should be ${should}`)
  }
  const reply = async (frame: object, op: string) => (await ask(frame)).find((each) => each['op'] === op)

  expect('pong', await ask({ op: 'ping', ts: visit }), [{ op: 'pong', ts: visit }])
  const keys = { access_key: 'access-key-of-a-polite-client', secret_key: 'its-secret-key' }
  const told = await ask({
    op: 'login',
    cid: 'l',
    platform: 'huobi',
    symbols: ['BTC/USDT'],
    features: ['cid'],
    ...keys,
  })
  const token = told.find(({ op }) => op === 'login')?.['token']
  expect('state', told.findLast(({ op }) => op === 'state')?.['code'], 6)
  const usdt = async () => {
    const { data } = (await reply({ op: 'asset', cid: 'a', token }, 'asset')) ?? {}
    return (data as Record<string, unknown> | undefined)?.['USDT']
  }
  const open = async () => {
    const { data } = (await reply({ op: 'open_orders', cid: 'o', token, symbol: 'BTC/USDT' }, 'open_orders')) ?? {}
    return (data as Record<string, unknown>[] | undefined)?.map(({ cid, price, remain }) => ({ cid, price, remain }))
  }
  expect('the balance', await usdt(), { free: 100_000, locked: 0, total: 100_000 })
  const cid = `polite-${visit}`
  const order = { symbol: 'BTC/USDT', action: 'BUY', price: 1, quantity: 10, order_type: 'LIMIT' }
  const placed = await reply({ op: 'place_order', cid, token, ...order }, 'place_order')
  expect('the order', placed?.['result'], true)
  expect('the balance', await usdt(), { free: 99_990, locked: 10, total: 100_000 })
  expect('what is open', await open(), [{ cid, price: 1, remain: 10 }])
  const order_nos = [placed?.['order_no']]
  await ask({ op: 'cancel_order', cid: 'c', token, symbol: 'BTC/USDT', order_nos })
  expect('the balance', await usdt(), { free: 100_000, locked: 0, total: 100_000 })
  expect('what is open', await open(), [])
  expect('the goodbye', (await reply({ op: 'logout', cid: 'x', token }, 'logout'))?.['result'], true)
  return wrong
}
