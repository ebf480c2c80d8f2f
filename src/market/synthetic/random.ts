/** Seeded randomness (sfc32): the same seed gives the same numbers on every machine. */
export class Random {
  private a: number
  private b: number
  private c: number
  private count = 1

  constructor(seed: number) {
    this.a = mix(seed, 1)
    this.b = mix(seed, 2)
    this.c = mix(seed, 3)
    for (let round = 0; round < 12; round++) this.uniform()
  }

  /** In [0, 1). */
  uniform(): number {
    const sum = (this.a + this.b + this.count) | 0
    this.count = (this.count + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }

  /** From the standard normal distribution, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** From the exponential distribution: the wait for what happens once per `mean`. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform())
  }
}

/** A 32-bit hash of two numbers. */
export function mix(seed: number, value: number): number {
  let hash =
    Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(value | 0, 0x85ebca6b) ^ Math.imul((value / 2 ** 32) | 0, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return hash ^ (hash >>> 15)
}
