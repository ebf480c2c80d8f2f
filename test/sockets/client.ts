import type { OrderRequest } from '../../src/client/index.js'
import { type Said, type Talking, talking } from '../support/talking.js'
import { type Books, picture, pictureOf } from './gateway.js'
import { impatient } from './trader.js'

/** How a client process is started. */
export interface ClientLife {
  readonly port: number
  readonly gatewayPort: number
  readonly access_key: string
  /** The file of its order journal. */
  readonly journal?: string
  readonly exclusiveAccount?: boolean
}

/** Starts a client process, which logs in. */
export const startClient = (life: ClientLife): Talking =>
  talking('test/sockets/client-process.mjs', { ...life, options: impatient })

/** Resolves when it may send orders. */
export const tradable = (client: Talking, after?: number): Promise<Said> =>
  client.says('tradable', { where: ({ is }) => is === true, ...(after === undefined ? {} : { after }) })

/** Has it place an order; resolves when it has begun to, which is not to say that it was written. */
export const place = (client: Talking, order: OrderRequest, maxAgeMs = 10_000): Promise<Said> =>
  client.ask({ order, maxAgeMs }, 'asked')

/** Resolves when its views show, now or later, what the exchange's books hold. */
export const viewsLike = (client: Talking, books: Books): Promise<Said> =>
  client.says('views', {
    after: client.heard.findLastIndex(({ kind }) => kind === 'views'),
    where: ({ stale, open, assets }) =>
      stale === false && picture(open as string[], assets as object) === pictureOf(books),
  })
