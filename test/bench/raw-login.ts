import { WebSocket } from 'ws'

/**
 * Dials a gateway without the client's code and logs in to platform huobi; resolves once the login is READY.
 *
 * @param login - further fields of the login frame
 */
export const rawLogin = (url: string, login: object): Promise<readonly [WebSocket, token: string]> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    socket.on('error', reject)
    const ready = (data: Buffer) => {
      const { code, token } = JSON.parse(data.toString()) as { readonly code?: number; readonly token?: string }
      if (code !== 6 || token === undefined) return
      socket.off('message', ready)
      resolve([socket, token])
    }
    socket.on('message', ready)
    const frame = { op: 'login', cid: 'l', platform: 'huobi', secret_key: 's', cancel_on_disconnect: true, ...login }
    socket.on('open', () => socket.send(JSON.stringify(frame)))
  })
