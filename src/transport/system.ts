import type { Clock, Entropy } from '../time/index.js'

/** The clocks of this machine. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const idLength = 24
const idsPerDraw = 128

/**
 * Ids, drawn many at a time: a call of the system's source takes longer than all the rest of
 * sending a request.
 */
const createIds = (): (() => string) => {
  const bytes = new Uint8Array(idLength * idsPerDraw)
  let used = bytes.length
  return () => {
    if (used === bytes.length) {
      crypto.getRandomValues(bytes)
      used = 0
    }
    let id = ''
    for (const end = used + idLength; used < end; used++) id += alphabet.charAt((bytes[used] ?? 0) & 63)
    return id
  }
}

/**
 * The randomness of this machine. An id is 24 characters that a URL may hold: 144 bits of the
 * cryptographic source.
 */
export const systemEntropy: Entropy = {
  uniform: () => Math.random(),
  // Not randomUUID: browsers have it on secure pages only.
  id: createIds(),
}
