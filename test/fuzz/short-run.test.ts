import { describe, expect, it } from '@jest/globals'
import { fuzzMemory } from './fuzz-memory.js'
import { fuzzSocket } from './fuzz-socket.js'
import { setTraps } from './traps.js'

const frames = Number(process.env.FUZZ_FRAMES ?? 20_000)
/** The real bound is looked at by `npm run fuzz`: here others run beside us, and the code is compiled for debugging. */
const stallMs = 500

describe('hostile frames among honest ones', () => {
  it(`in memory, ${frames} of them, are answered as they must be, and a polite client is served as ever`, async () => {
    const { failures, answers } = await fuzzMemory({ seed: 1, frames, stallMs })
    expect(failures).toEqual([])
    // Frames that are all turned away at the door prove little.
    for (const deep of ['place_order done', 'cancel_order done', 'notify fill', 'position done', 'logout done'])
      expect(answers.get(deep)).toBeGreaterThan(10)
  }, 60_000)

  it('over sockets, with bytes that are no frames at all, too', async () => {
    const { failures, answers } = await fuzzSocket({ seed: 1, frames: frames / 20, stallMs })
    expect(failures).toEqual([])
    expect(answers.get('place_order done')).toBeGreaterThan(10)
  }, 60_000)

  it('are the same ones again with the same seed', async () => {
    const [once, again] = [await fuzzMemory({ seed: 5, frames: 500 }), await fuzzMemory({ seed: 5, frames: 500 })]
    expect([...once.answers]).toEqual([...again.answers])
  })
})

describe('the traps for looking up what is inherited', () => {
  it('spring when a planted name is read from an object, or written to one, and not when it is its own', () => {
    const traps = setTraps()
    const object: Record<string, unknown> = JSON.parse('{"zzPlanted__":1}')
    expect([object['zzPlanted__'], { ...object }, new Map([['zz planted', 1]]).get('zz planted')]).toBeDefined()
    expect(traps.sprung()).toEqual([])
    expect(object['zz planted']).toBeUndefined()
    Object.assign({}, object)
    expect(traps.sprung()).toEqual([
      expect.stringContaining('zz planted was looked up'),
      expect.stringContaining('zzPlanted__ was written'),
    ])
    traps.remove()
    expect(object['zz planted']).toBeUndefined()
    expect(traps.sprung()).toEqual([])
  })

  it('see a prototype that was polluted', () => {
    const traps = setTraps()
    Object.defineProperty(Array.prototype, 'polluted', { value: 1, configurable: true })
    expect(traps.changed()).toHaveLength(1)
    delete (Array.prototype as { polluted?: unknown }).polluted
    expect(traps.changed()).toEqual([])
    traps.remove()
  })
})
