import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { concatMap, firstValueFrom, map } from 'rxjs'
import { connect, outcome } from '../../src/client/index.js'
import { build, node, type Running, rxquant } from '../support/processes.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const

let folder: string
const running: Running[] = []
const begun = (process: Running): Running => {
  running.push(process)
  return process
}

beforeAll(() => build(), 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-journal-'))
})
afterEach(async () => {
  for (const each of running) each.kill('SIGKILL')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
  rmSync(folder, { recursive: true })
})

describe('a gateway process that is killed between taking an order and replying', () => {
  it('and started again with its journal, gives the client its reply; there is one order', async () => {
    const first = begun(node(['test/gateway/killed-gateway.mjs', folder]))
    const [url, port] = (await first.saying(/ws:\/\/127\.0\.0\.1:(\d+)\S+/)) as unknown as [string, string]
    const credentials = {
      platform: 'huobi',
      symbols: ['BTC/USDT'],
      access_key: 'the-access-key',
      secret_key: 'a-secret',
    }
    const seen = firstValueFrom(
      connect(url)
        .login(credentials)
        .pipe(
          concatMap((account) =>
            account.placeOrder(order, { maxAgeMs: 30_000 }).pipe(
              outcome(),
              concatMap((ended) => account.openOrders('BTC/USDT').pipe(map((open) => ({ ended, open })))),
            ),
          ),
        ),
    )
    expect(await first.ended).toMatchObject({ code: null })
    const diedAt = Date.now()
    begun(rxquant(['gateway', '--port', port, '--journal', folder]))
    const { ended, open } = await seen
    expect(open).toMatchObject([{ price: 50_000, remain: 0.01 }])
    // The one that the first process took, not one made of the repeated place_order.
    expect(open[0]!.ctime).toBeLessThan(diedAt)
    expect(ended).toMatchObject({ _tag: 'Done', value: { order_no: open[0]!.order_no, cid: open[0]!.cid } })
  }, 60_000)
})
