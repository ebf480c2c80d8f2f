import type { IncomingMessage, ServerResponse } from 'node:http'
import { metricContentType } from './metric-text.js'
import { pathOf, type TurnedAway } from './upgrade-guard.js'

export interface HttpPagesOptions {
  /** Path of the WebSocket. */
  readonly path: string
  /** The metrics as text. */
  readonly metrics: () => string
  /** The platforms whose journal cannot be written. */
  readonly failing: () => readonly string[]
  /** The look at Host and Origin that an upgrade gets too. */
  readonly strangerAt: (request: IncomingMessage) => TurnedAway | undefined
  readonly turnedAway: (away: TurnedAway) => void
}

interface Page {
  readonly status: 200 | 503
  readonly type: string
  readonly text: string
}

/** Nothing here is for a web page, not even as an image or a script that it cannot read. */
const always = {
  Connection: 'close',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Answers what is not a WebSocket: `/healthz` and `/metrics`, in plain text. No body is waited for,
 * and each answer ends its connection: who asks for pages must not fill the places of those who
 * trade.
 */
export const httpPages = ({ path, metrics, failing, strangerAt, turnedAway }: HttpPagesOptions) => {
  const health = (): Page => {
    const words = failing().map((platform) => `the journal of ${platform} cannot be written\n`)
    const type = 'text/plain; charset=utf-8'
    return words.length === 0 ? { status: 200, type, text: 'ok\n' } : { status: 503, type, text: words.join('') }
  }
  const pages = new Map<string, () => Page>([
    ['/healthz', health],
    ['/metrics', () => ({ status: 200, type: metricContentType, text: metrics() })],
  ])
  return (request: IncomingMessage, response: ServerResponse): void => {
    const isHead = request.method === 'HEAD'
    const answer = (status: number, headers: Readonly<Record<string, string>> = {}, text = '') =>
      response
        .writeHead(status, { ...always, 'Content-Length': String(Buffer.byteLength(text)), ...headers })
        .end(isHead ? '' : text)
    const stranger = strangerAt(request)
    const asked = pathOf(request)
    const page = pages.get(asked)
    if (stranger !== undefined) {
      turnedAway(stranger)
      answer(stranger.status)
    } else if (asked === path) {
      answer(426, { Upgrade: 'websocket' })
    } else if (page === undefined) {
      turnedAway({ why: 'path', status: 404 })
      answer(404)
    } else if (request.method !== 'GET' && !isHead) {
      answer(405, { Allow: 'GET, HEAD' })
    } else {
      const { status, type, text } = page()
      answer(status, { 'Content-Type': type }, text)
    }
  }
}
