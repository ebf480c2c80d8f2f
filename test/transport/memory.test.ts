import { describe, expect, it } from '@jest/globals'
import { type SchedulerLike, VirtualTimeScheduler } from 'rxjs'
import { type Connection, ConnectionClosed, memoryPair, memoryTransport } from '../../src/transport/index.js'
import { dial, listen } from '../support/dial.js'

/** Notes what each end hears, with the virtual time of it. */
const timed = (scheduler: SchedulerLike, connection: Connection): string[] => {
  const notes: string[] = []
  connection.message$.subscribe({
    next: (message) => notes.push(`${scheduler.now()} ${String(message)}`),
    error: (error: unknown) => {
      const { code, reason } = error as ConnectionClosed
      notes.push(`${scheduler.now()} lost ${code} ${reason}`.trim())
    },
    complete: () => notes.push(`${scheduler.now()} completed`),
  })
  return notes
}

describe('memoryPair in virtual time', () => {
  it('delivers each message after the delay, in order', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler, delayMs: 5 })
    const served = timed(scheduler, server)
    const heard = timed(scheduler, client)
    client.send('a')
    scheduler.schedule(() => client.send('b'), 2)
    scheduler.schedule(() => client.send('c'), 2)
    scheduler.schedule(() => server.send('d'), 3)
    scheduler.flush()
    expect(served).toEqual(['5 a', '7 b', '7 c'])
    expect(heard).toEqual(['8 d'])
  })

  it('delivers without delay at the same instant, but after what was being done', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler })
    const order: string[] = []
    server.message$.subscribe((message) => order.push(`heard ${String(message)} at ${scheduler.now()}`))
    scheduler.schedule(() => {
      client.send('one')
      client.send('two')
      order.push('sent')
    }, 10)
    scheduler.flush()
    expect(order).toEqual(['sent', 'heard one at 10', 'heard two at 10'])
  })

  it('closes after what was sent before; the closer completes when the answer is back', () => {
    const scheduler = new VirtualTimeScheduler()
    const notes: string[] = []
    const transport = memoryTransport(
      (server) => {
        const served = timed(scheduler, server)
        scheduler.schedule(() => notes.push(...served.map((note) => `server ${note}`)), 100)
      },
      { scheduler, delayMs: 5 },
    )
    transport.subscribe({
      next: (connection) => {
        notes.push(`client ${scheduler.now()} open`)
        connection.send('last')
        connection.close(4000, 'done')
      },
      complete: () => notes.push(`client ${scheduler.now()} completed`),
    })
    scheduler.flush()
    expect(notes).toEqual(['client 5 open', 'client 15 completed', 'server 10 last', 'server 10 lost 4000 done'])
  })

  it('still delivers what was on its way when the sender abandoned it, and then 1006', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler, delayMs: 5 })
    const served = timed(scheduler, server)
    const heard = timed(scheduler, client)
    server.send('never heard')
    client.send('an order')
    scheduler.schedule(() => client.abandon(), 1)
    scheduler.flush()
    expect(served).toEqual(['5 an order', '6 lost 1006'])
    expect(heard).toEqual(['1 completed'])
  })

  it('ends both when both close at once', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler, delayMs: 5 })
    const served = timed(scheduler, server)
    const heard = timed(scheduler, client)
    client.close(4000)
    server.close(4001)
    scheduler.flush()
    expect([served, heard]).toEqual([['0 completed'], ['0 completed']])
    expect([client.send('x'), server.send('x')]).toEqual([false, false])
  })

  it('tells what has not arrived yet', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler, delayMs: 5 })
    listen(server)
    const amounts: number[] = []
    client.send('four')
    scheduler.schedule(() => client.send('seven!!'), 2)
    for (const at of [1, 3, 6, 8]) scheduler.schedule(() => amounts.push(client.bufferedAmount), at)
    scheduler.flush()
    expect(amounts).toEqual([4, 11, 7, 0])
  })

  it('lets others run while a handler puts more on the same way', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler })
    let rounds = 0
    let roundsBefore = -1
    server.message$.subscribe(() => {
      if (++rounds < 1_000) client.send('again')
    })
    client.send('once')
    scheduler.schedule(() => {
      roundsBefore = rounds
    })
    scheduler.flush()
    expect(rounds).toBe(1_000)
    expect(roundsBefore).toBe(1)
  })

  it('keeps the order when a handler sends while a burst is being delivered', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler })
    const served: string[] = []
    server.message$.subscribe((message) => {
      served.push(String(message))
      if (message === 'a') client.send('d')
    })
    for (const text of ['a', 'b', 'c']) client.send(text)
    scheduler.flush()
    expect(served).toEqual(['a', 'b', 'c', 'd'])
  })

  it('carries a large backlog without growing slower', () => {
    const scheduler = new VirtualTimeScheduler()
    const [client, server] = memoryPair({ scheduler })
    const served = listen(server)
    for (let i = 0; i < 200_000; i++) client.send('x')
    scheduler.flush()
    expect(served.messages.length).toBe(200_000)
  })
})

describe('memoryTransport', () => {
  it('is cold, opens after the delay, and serves each subscription on its own', () => {
    const scheduler = new VirtualTimeScheduler()
    const accepted: number[] = []
    const transport = memoryTransport(() => accepted.push(scheduler.now()), { scheduler, delayMs: 3 })
    scheduler.flush()
    expect(accepted).toEqual([])
    const first = dial(transport)
    const second = dial(transport)
    scheduler.flush()
    expect(accepted).toEqual([3, 3])
    expect(first.connections.length + second.connections.length).toBe(2)
    expect(first.connections[0]).not.toBe(second.connections[0])
  })

  it('never reaches the server when it is unsubscribed from before it opens', () => {
    const scheduler = new VirtualTimeScheduler()
    let accepted = 0
    const dialled = dial(memoryTransport(() => accepted++, { scheduler, delayMs: 3 }))
    dialled.subscription.unsubscribe()
    scheduler.flush()
    expect(accepted).toBe(0)
    expect(dialled.end).toBeUndefined()
  })

  it('fails to connect when the server throws at accepting', () => {
    const scheduler = new VirtualTimeScheduler()
    const fault = new Error('full')
    let served: ReturnType<typeof listen> | undefined
    const transport = memoryTransport(
      (server) => {
        served = listen(server)
        throw fault
      },
      { scheduler },
    )
    const dialled = dial(transport)
    scheduler.flush()
    expect(dialled.connections).toEqual([])
    expect(dialled.end).toMatchObject({ _tag: 'ConnectionClosed', phase: 'connecting', code: 1006, cause: fault })
    expect(served?.end).toMatchObject({ code: 1006 })
  })

  it('shows the client the refusal of a server that closes at once', () => {
    const scheduler = new VirtualTimeScheduler()
    const dialled = dial(memoryTransport((server) => server.close(1013, 'busy'), { scheduler }))
    scheduler.flush()
    expect(dialled.end).toBeInstanceOf(ConnectionClosed)
    expect(dialled.end).toMatchObject({ phase: 'open', code: 1013, reason: 'busy' })
  })
})
