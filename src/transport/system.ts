import type { Clock, Entropy } from '../time/index.js'

/** The clocks of this machine. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const idLength = 24

/** The randomness of this machine. An id is 24 characters that a URL may hold: 144 bits of the cryptographic source. */
export const systemEntropy: Entropy = {
  uniform: () => Math.random(),
  id: () => {
    // Not randomUUID: browsers have it on secure pages only.
    let id = ''
    for (const byte of crypto.getRandomValues(new Uint8Array(idLength))) id += alphabet.charAt(byte & 63)
    return id
  },
}
