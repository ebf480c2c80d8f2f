import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { Dice } from '../simulation/dice.js'
import { complaint } from './expected.js'
import { nextFrame } from './frames.js'
import type { FuzzOptions, FuzzResult } from './fuzz-memory.js'
import { politeVisit } from './polite.js'

const batch = 40
const maxPayloadBytes = 65_536
const patienceMs = 5_000

/** What does not answer in time is a failure, and no reason to wait for ever. */
const inTime = <A>(promise: Promise<A>, what: string): Promise<A> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not happen within ${patienceMs} ms`)), patienceMs)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })

/** A socket that knows how many answers it awaits; states and notices are counted with the frame that they follow. */
class Dialled {
  readonly tokens: string[] = []
  closed: number | undefined
  #inbox: string[] = []
  #arrived: () => void = () => undefined

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.#inbox.push(data.toString())
      this.#arrived()
    })
    socket.on('close', (code) => {
      this.closed = code
      this.#arrived()
    })
    socket.on('error', () => undefined)
  }

  static async open(url: string): Promise<Dialled> {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    const dialled = new Dialled(socket)
    await inTime(once(socket, 'open'), 'an upgrade')
    return dialled
  }

  /** Everything that comes until so many answers are there, or the connection has ended. */
  async answers(count: number): Promise<string[]> {
    const isAnswer = (text: string) => !/^\{"op":"(notify|state)"/.test(text)
    const enough = () => this.#inbox.filter(isAnswer).length >= count || this.closed !== undefined
    await inTime(
      new Promise<void>((resolve) => {
        this.#arrived = () => {
          if (enough()) resolve()
        }
        this.#arrived()
      }),
      `${count} answers`,
    )
    return this.#inbox.splice(0).filter(isAnswer)
  }
}

/** Bytes as no WebSocket library would write them: after an upgrade, or instead of one. */
const rawBytes = (dice: Dice): Buffer => {
  const some = (length: number) => Buffer.from(Uint8Array.from({ length }, () => dice.int(0, 255)))
  const masked = Buffer.from([0, 0, 0, 0])
  switch (dice.int(0, 9)) {
    case 0:
      return some(dice.int(1, 2_000))
    case 1: // Not masked.
      return Buffer.from([0x81, 2, 0x7b, 0x7d])
    case 2: // Reserved bits and opcodes.
      return Buffer.concat([Buffer.from([0xf0 | dice.int(0, 15), 0x80]), masked])
    case 3: // A length of 2^63.
      return Buffer.concat([Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), masked])
    case 4: // A text of 100 MiB, begun.
      return Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 6, 0x40, 0, 0]), masked, some(500)])
    case 5: // A flood of fragments, none the last.
      return Buffer.concat(
        Array.from({ length: 5_000 }, (_, i) =>
          Buffer.concat([Buffer.from([i === 0 ? 1 : 0, 0x81]), masked, Buffer.from('{')]),
        ),
      )
    case 6: // A ping that is too long.
      return Buffer.concat([Buffer.from([0x89, 0xfe, 0, 126]), masked, Buffer.alloc(126)])
    case 7: // A goodbye with a code that may not be.
      return Buffer.concat([Buffer.from([0x88, 0x82]), masked, Buffer.from([dice.int(0, 255), dice.int(0, 255)])])
    case 8: // A text that is not UTF-8.
      return Buffer.concat([Buffer.from([0x81, 0x84]), masked, Buffer.from([0x22, 0xc3, 0x28, 0x22])])
    default: // Bytes one at a time would be slower, not other: half a frame.
      return Buffer.concat([Buffer.from([0x81, 0x90]), masked, Buffer.from('{"op":')])
  }
}

const rawVisit = async (dice: Dice, { port }: RunningPaperGateway): Promise<void> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  await inTime(once(socket, 'connect'), 'a connection')
  if (dice.chance(0.8)) {
    socket.write(
      `GET /ws/v1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
  }
  for (let times = dice.int(1, 5); times > 0 && !socket.destroyed; times--) socket.write(rawBytes(dice))
  if (dice.chance(0.5)) socket.end()
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 5))])
  socket.destroy()
}

const shown = (frame: string | Uint8Array) => JSON.stringify(String(frame).slice(0, 500))

/** As `fuzzMemory`, over real sockets, with bytes that are no frames among them. What arrives when is the machine's affair here. */
export const fuzzSocket = async ({ seed, frames, stallMs = 50 }: FuzzOptions): Promise<FuzzResult> => {
  const dice = new Dice(seed)
  const failures: string[] = []
  const answers = new Map<string, number>()
  const gateway = await startPaperGateway({
    ...{ port: 0, market: 'none' as const, seed },
    limits: { messagesPerSecond: Number.MAX_SAFE_INTEGER },
  })
  gateway.event$.subscribe((event) => {
    if (event.type === 'fault') failures.push(`fault: ${JSON.stringify(event)}`)
  })
  let sent = 0
  let slowestMs = 0
  let client = await Dialled.open(gateway.url)
  try {
    while (sent < frames && failures.length === 0) {
      if (client.closed !== undefined || dice.chance(0.02)) {
        client.socket.terminate()
        client = await Dialled.open(gateway.url)
      }
      if (dice.chance(0.2)) await rawVisit(dice, gateway)
      const batched = Array.from({ length: Math.min(batch, frames - sent) }, () => {
        const knowledge = { tokens: client.tokens, orders: [], cids: [], now: Date.now() }
        const frame = nextFrame(dice, knowledge)
        // As it arrives: what is no Unicode does not survive UTF-8.
        return typeof frame === 'string' ? Buffer.from(frame).toString() : frame
      })
      // One that is too long ends its connection: nothing after it is answered.
      const tooLong = batched.findIndex((frame) => Buffer.byteLength(frame) > maxPayloadBytes)
      const asked = tooLong < 0 ? batched : batched.slice(0, tooLong)
      const before = performance.now()
      for (const frame of batched.slice(0, asked.length + 1)) client.socket.send(frame)
      const got = await client.answers(tooLong < 0 ? asked.length : Infinity)
      slowestMs = Math.max(slowestMs, (performance.now() - before) / batched.length)
      sent += batched.length
      if (tooLong >= 0 && client.closed !== 1009) failures.push(`a frame that is too long ended with ${client.closed}`)
      if (tooLong < 0 && client.closed !== undefined) failures.push(`closed with ${client.closed}`)
      asked.forEach((frame, i) => {
        const words = complaint(frame, got.slice(i, i + 1))
        if (words !== undefined) failures.push(`over a socket (seed ${seed}): ${words}, for ${shown(frame)}`)
      })
      for (const text of got) {
        const { op, result, token } = JSON.parse(text) as Record<string, unknown>
        const kind = `${String(op)}${result === undefined ? '' : result === true ? ' done' : ' refused'}`
        answers.set(kind, (answers.get(kind) ?? 0) + 1)
        if (op === 'login' && result === true) client.tokens.push(String(token))
      }
      if (slowestMs > stallMs) failures.push(`a frame took ${slowestMs.toFixed(1)} ms`)
    }
    failures.push(...(await politely(gateway)))
  } catch (error) {
    failures.push(`over a socket (seed ${seed}): ${error instanceof Error ? error.message : String(error)}`)
  }
  client.socket.terminate()
  await gateway.close()
  return { frames: sent, failures, answers, slowestMs }
}

const politely = async ({ url }: RunningPaperGateway): Promise<readonly string[]> => {
  const socket = new WebSocket(url)
  await inTime(once(socket, 'open'), 'an upgrade')
  const inbox: Record<string, unknown>[] = []
  let arrived: () => void = () => undefined
  socket.on('message', (data: Buffer) => {
    inbox.push(JSON.parse(data.toString()) as Record<string, unknown>)
    arrived()
  })
  const ask = async (frame: object) => {
    // Answered in order: with the answer to the ping everything that came before it is there.
    const ts = Math.random()
    socket.send(JSON.stringify(frame))
    socket.send(JSON.stringify({ op: 'ping', ts }))
    const isThere = () => inbox.some((each) => each['op'] === 'pong' && each['ts'] === ts)
    await inTime(
      new Promise<void>((resolve) => {
        arrived = () => {
          if (isThere()) resolve()
        }
        arrived()
      }),
      'an answer to a polite client',
    )
    return inbox.splice(0).filter((each) => each['ts'] !== ts)
  }
  const wrong = await politeVisit(ask, 1)
  socket.terminate()
  return wrong.map((words) => `after all over sockets a polite client: ${words}`)
}
