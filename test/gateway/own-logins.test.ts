import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { Login } from '../../src/gateway/login/login.js'
import { OwnLogins } from '../../src/gateway/login/connection-logins.js'

const token = () => randomBytes(32).toString('base64url')
const login = (of: string) => ({ token: of }) as Login

describe('the logins of a connection', () => {
  it('are found by their own tokens, and by nothing that is like them', () => {
    const logins = new OwnLogins()
    const mine = Array.from({ length: 16 }, () => login(token()))
    for (const each of mine) logins.add(each)
    for (const each of mine) expect(logins.find(each.token)).toBe(each)
    const alike = mine.flatMap(({ token: of }) => [of.slice(1), `${of} `, of.toLowerCase(), of.slice(0, -1)])
    for (const wrong of [...alike, '', ...Array.from({ length: 2_000 }, token)])
      expect(logins.find(wrong)).toBeUndefined()
  })

  it('are not found any more when they are gone', () => {
    const logins = new OwnLogins()
    const [one, other] = [login(token()), login(token())]
    logins.add(one)
    logins.add(other)
    logins.remove(one)
    expect([logins.find(one.token), logins.find(other.token), logins.size]).toEqual([undefined, other, 1])
    logins.clear()
    expect(logins.find(other.token)).toBeUndefined()
  })
})
