import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Account, connect, type ConnectOptions, type Gateway, type Status } from '../../src/client/index.js'
import { ConnectionClosed, webSocket } from '../../src/transport/index.js'
import { dial, until } from '../support/dial.js'
import { credentials } from '../support/logged-in.js'
import { type PeerThread, peerThread, stallFor } from '../support/stall.js'
import { type Watched, watch } from '../support/watch.js'

/** A server that answers what is asked, `lateMs` after the question. */
const answering = (lateMs: number): string => `(frame, send) => setTimeout(() => {
  const ok = { op: frame.op, cid: frame.cid, result: true, error_message: '' }
  if (frame.op === 'ping') send({ op: 'pong', ts: frame.ts })
  if (frame.op === 'login') {
    send({ ...ok, token: 'token-1' })
    setTimeout(() => send({ op: 'state', token: 'token-1', code: 6, msg: '' }), ${lateMs})
  }
  if (frame.op === 'asset' || frame.op === 'open_orders') send({ ...ok, data: frame.op === 'asset' ? {} : [] })
  if (frame.op === 'logout') send(ok)
}, ${lateMs})`

let peer: PeerThread
let gateway: Gateway
let login: Watched<Account> | undefined
let status: Watched<Status>

const logIn = (options: ConnectOptions): void => {
  gateway = connect(peer.url, options)
  status = watch(gateway.status$)
  login = watch(gateway.login(credentials))
}
const ready = async (): Promise<Account> => {
  await until('an Account', () => login !== undefined && login.values.length > 0)
  const account = login!.values[0]!
  const ready = watch(account.ready$)
  await until('READY', () => ready.last === true)
  return account
}
const losses = (): number => status.values.filter(({ _tag }) => _tag === 'Lost').length

beforeEach(async () => {
  peer = await peerThread(answering(20))
})
afterEach(async () => {
  login?.unsubscribe()
  await peer.stop()
})

describe('a pause of our own event loop', () => {
  it('over the slot of a ping does not drop a live socket: the late ping has time to be answered', async () => {
    logIn({ pingEveryMs: 100, deadAfterMs: 220 })
    await ready()
    for (const pauseMs of [150, 300, 700]) {
      stallFor(pauseMs)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    expect(losses()).toBe(0)
  })

  it('over connectTimeoutMs does not fail the dialling', async () => {
    const dialled = dial(webSocket(peer.url, { connectTimeoutMs: 200 }))
    stallFor(400)
    await until('an end', () => dialled.connections.length > 0 || dialled.end !== undefined)
    expect(dialled.end).toBeUndefined()
    expect(dialled.connections).toHaveLength(1)
    dialled.subscription.unsubscribe()
  })

  it('over readyTimeoutMs does not fail the login', async () => {
    logIn({ readyTimeoutMs: 300 })
    stallFor(500)
    await ready()
    expect(login?.ended).toBe('no')
  })

  it('over requestTimeoutMs does not end a request', async () => {
    logIn({ requestTimeoutMs: 200 })
    const account = await ready()
    const assets = watch(account.asset())
    stallFor(400)
    await until('an end', () => assets.ended !== 'no')
    expect(assets.values).toEqual([{}])
  })

  it('does not save a socket whose peer says nothing any more', async () => {
    await peer.stop()
    peer = await peerThread(`(frame, send) => {
      if (frame.op !== 'login') return
      send({ op: 'login', cid: frame.cid, result: true, error_message: '', token: 'token-1' })
      send({ op: 'state', token: 'token-1', code: 6, msg: '' })
    }`)
    logIn({ pingEveryMs: 100, deadAfterMs: 220 })
    await ready()
    stallFor(500)
    const from = performance.now()
    await until('a loss', () => losses() > 0)
    expect(performance.now() - from).toBeLessThan(600)
    expect(status.values.find(({ _tag }) => _tag === 'Lost')).toMatchObject({ cause: { _tag: 'Silent' } })
  })

  it('does not save a dialling that nobody answers', async () => {
    const dialled = dial(webSocket('ws://192.0.2.1:9', { connectTimeoutMs: 200 }))
    stallFor(300)
    await until('an end', () => dialled.end !== undefined)
    expect(dialled.end).toBeInstanceOf(ConnectionClosed)
  })
})
