import { describe, expect, it } from '@jest/globals'
import { watchSilence } from '../../src/gateway/connection/idle-timeout.js'
import { VirtualScheduler } from '../../src/time/index.js'

describe('silence', () => {
  it('comes to its verdict where the deadline is less away than the clock can show', () => {
    const scheduler = new VirtualScheduler()
    // Of these two instants the deadline is 2e-12 ms away when its timer comes, and at 18,000 ms a double has steps of 4e-12.
    const startMs = 7071.485354938284
    const clock = { wall: () => 0, monotonic: () => scheduler.now() - startMs }
    let heardAtMs = 0
    let silent = 0
    watchSilence({ heardAt: () => heardAtMs, deadAfterMs: 11_000, silent: () => silent++, clock, scheduler })
    scheduler.schedule(() => (heardAtMs = clock.monotonic()), 7077.548122194743)
    scheduler.flush({ maxActions: 100 })
    expect(silent).toBe(1)
    expect(scheduler.now()).toBeCloseTo(7077.548 + 11_000, -1)
  })
})
