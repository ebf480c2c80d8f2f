import type { Dice } from '../simulation/dice.js'

/** Names that every object has. */
export const inheritedNames = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'prototype',
  '__defineGetter__',
  '__lookupGetter__',
  'isPrototypeOf',
  'then',
  'length',
] as const

/** Names that nobody but a peer says: whoever looks one of them up in a plain object was led there by the peer's word. See traps.ts. */
export const plantedNames = ['zz_planted_op', 'zz_planted_symbol', 'zz planted', 'zzPlanted__'] as const

const texts = [
  '',
  ' ',
  '0',
  'BTC/USDT\u0000',
  'btc/usdt',
  '\u202EBTC/USDT',
  'ВТС/USDT',
  '\uFEFFBTC/USDT',
  '💸'.repeat(20),
  '\uD800',
  'a\uDC00b',
  '\u001B[2J\u001B[H',
  '<script>alert(1)</script>',
  "'; DROP TABLE orders; --",
  '../../etc/passwd',
  '%s%n%x',
  'NaN',
  'null',
  'true',
  '-0',
  '\\',
  '"',
] as const

/** Numbers, and what passes for one with whoever is careless; as they stand in JSON, or would like to. */
const numbers = [
  ...['0', '-0', '-0.0', '0e5', '1', '-1', '0.1', '1e-8', '1e-9', '1e-320', '1e-400', '1e308', '1e400', '-1e400'],
  ...['9007199254740991', '9007199254740993', '18446744073709551616', '1'.repeat(400), `0.${'0'.repeat(400)}1`],
  ...['"1"', '"0x10"', '"NaN"', 'true', '[1]', '[[1]]', 'null', '{}', '{"valueOf":1}'],
  ...['NaN', 'Infinity', '-Infinity', '01', '1.', '.5', '0x10', '1e', '+1', '1_000', 'undefined', '-'],
] as const

/** A name as a peer with bad intentions would choose it. */
export const hostileName = (dice: Dice): string => {
  const kind = dice.int(0, 9)
  if (kind < 3) return dice.pick(inheritedNames)
  if (kind < 6) return dice.pick(plantedNames)
  if (kind < 9) return dice.pick(texts)
  return dice.pick(['x', '中', '\u0301', '\n']).repeat(dice.chance(0.1) ? 10_000 : dice.int(1, 50))
}

export const hostileNumber = (dice: Dice): string => dice.pick(numbers)

const nested = (dice: Dice): string => {
  const levels = dice.chance(0.02) ? 5_000 : dice.pick([1, 2, 5, 31, 32, 33, 100])
  const [open, close] = dice.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"__proto__":', '}]'],
  ] as const)
  return `${open.repeat(levels)}0${close.repeat(levels)}`
}

const long = (dice: Dice): string => {
  const count = dice.chance(0.02) ? 5_000 : dice.pick([3, 10, 100])
  const item = dice.pick(['0', '""', '"BTC/USDT"', 'null', '[]', '{}'])
  return `[${Array<string>(count).fill(item).join(',')}]`
}

/** Any value, as it stands in JSON, or would like to. */
export const hostileValue = (dice: Dice): string => {
  switch (dice.int(0, 7)) {
    case 0:
      return nested(dice)
    case 1:
      return long(dice)
    case 2:
    case 3:
      return hostileNumber(dice)
    case 4:
      return `{${JSON.stringify(hostileName(dice))}:${dice.chance(0.3) ? nested(dice) : '1'}}`
    default:
      return JSON.stringify(hostileName(dice))
  }
}
