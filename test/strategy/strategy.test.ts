import { describe, expect, it } from '@jest/globals'
import { EMPTY, merge, type Observable } from 'rxjs'
import type { Account } from '../../src/client/index.js'
import { outputOf, type Strategy, strategy } from '../../src/strategy/index.js'

describe('a strategy module', () => {
  const two = strategy({
    logins: [
      { platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] },
      { platform: 'okex', symbols: ['BTC/USDT'] },
    ],
    run: (huobi, okex) => merge(huobi.order$, okex.order$),
  })

  it('is what was defined', () => {
    expect(two.logins.map(({ platform }) => platform)).toEqual(['huobi', 'okex'])
  })

  it('is given as many accounts as it has logins, by its type', () => {
    const account = { order$: EMPTY } as unknown as Account
    const running: Observable<unknown> = two.run(account, account)
    expect(running).toBeDefined()
    // @ts-expect-error one account is not enough
    expect(() => two.run(account)).toThrow()
  })

  it('passes for the general type, which whoever loads a module knows', () => {
    const general: Strategy = two
    expect(general.logins).toHaveLength(2)
  })

  it.each([
    ['undefined', undefined],
    ['a Promise', Promise.resolve()],
    ['a function', () => EMPTY],
    ['an object that is not one', {}],
  ])('must return an Observable: %s is refused in words', (words, output) => {
    const other: Strategy<[]> = { logins: [], run: () => output as never }
    expect(() => outputOf(other)).toThrow(`must return an Observable, but returned ${words}`)
  })
})
