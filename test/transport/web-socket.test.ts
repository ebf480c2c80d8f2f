import { afterEach, describe, expect, it } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import { firstValueFrom, mergeMap } from 'rxjs'
import { WebSocketServer } from 'ws'
import { webSocket } from '../../src/transport/index.js'

let server: WebSocketServer | undefined
afterEach(() => server?.close())

const serve = async (): Promise<[WebSocketServer, string]> => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server?.once('listening', resolve))
  return [server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

describe('webSocket', () => {
  it('hears a greeting that the server sends with the opening', async () => {
    const [greeter, url] = await serve()
    greeter.on('connection', (ws) => ws.send('hello'))
    const greeting$ = webSocket(url).pipe(mergeMap((connection) => connection.message$))
    expect(await firstValueFrom(greeting$, { defaultValue: 'nothing' })).toBe('hello')
  })
})
