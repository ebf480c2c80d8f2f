import { type Said, type Talking, talking } from '../support/talking.js'
import type { Limits } from '../../src/gateway/index.js'
import type { Assets, OpenOrder } from '../../src/protocol/index.js'

/** How a gateway process is started. */
export interface GatewayLife {
  readonly port?: number
  readonly journal?: string
  /** `none`: as servers in the field are, with no cids on orders and no numbers on notices. @default 'all' */
  readonly features?: 'all' | 'cid' | 'none'
  readonly limits?: Partial<Limits>
}

/** What the exchange of a gateway process knows of an account, and what reached it since the process began. */
export interface Books {
  readonly open: readonly OpenOrder[]
  readonly assets: Assets
  readonly faults: readonly string[]
  /** How many orders it has ever had, over all its processes. */
  readonly orders: number
  /** The cid of each place_order. */
  readonly arrived: readonly string[]
  readonly accepted: readonly { readonly cid: string; readonly order_no: string; readonly order_type: string }[]
}

/** What views and books have in common, as a text to be compared. */
export const picture = (open: Iterable<string>, assets: object): string =>
  JSON.stringify([[...open].sort(), Object.entries(assets).sort(([a], [b]) => (a < b ? -1 : 1))])

export const pictureOf = ({ open, assets }: Books): string =>
  picture(
    open.map(({ order_no }) => order_no),
    assets,
  )

export interface GatewayProcess {
  readonly process: Talking
  readonly port: number
  books(access_key: string): Promise<Books>
  /** It shall be killed, as by kill -9, when it has taken the next order and before it replies. */
  diesBeforeItsReply(): Promise<void>
}

/** Impatient, so that a test takes a few seconds. */
const impatient: Partial<Limits> = { deadAfterMs: 700 }

export const startGateway = async ({ limits, ...life }: GatewayLife = {}): Promise<GatewayProcess> => {
  const process = talking('test/sockets/gateway-process.mjs', { ...life, limits: { ...impatient, ...limits } })
  const { port } = await process.says('listening', { after: 0 })
  return {
    process,
    port: port as number,
    diesBeforeItsReply: async () => {
      await process.ask({ dies: true }, 'mortal')
    },
    books: async (access_key) => (await process.ask({ access_key }, 'books')) as Said & Books,
  }
}
