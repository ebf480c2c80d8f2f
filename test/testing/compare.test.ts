import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { align, type ExpectedRecord, inWords } from '../../src/testing/compare/align.js'
import { difference, errorDifference, like } from '../../src/testing/compare/difference.js'
import { show } from '../../src/testing/compare/show.js'

class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

class Marker {
  readonly #secret = 1
  reveal() {
    return this.#secret
  }
}
class OtherMarker extends Marker {}

class Wallet {
  readonly owner = 'me'
  readonly #coins: number
  constructor(coins: number) {
    this.#coins = coins
  }
  spend(coins: number) {
    return this.#coins - coins
  }
}

const mark = Symbol('mark')
const withField = <T extends object>(value: T, key: PropertyKey, field: unknown, enumerable = true): T =>
  Object.defineProperty(value, key, { value: field, enumerable })
class Book extends Map<string, number> {
  constructor(
    readonly name: string,
    levels: readonly (readonly [string, number])[] = [['a', 1]],
  ) {
    super(levels)
  }
}
class Stamp extends Date {
  zone = 'UTC'
}
class Row extends Array<number> {
  title = ''
}
class Samples extends Float64Array {
  unit = ''
}
const titled = (title: string): Row => Object.assign(Row.from([1]), { title })
const zoned = (zone: string): Stamp => Object.assign(new Stamp(5), { zone })
const measured = (unit: string): Samples => Object.assign(new Samples(2), { unit })
const view = (...bytes: number[]): DataView => new DataView(Uint8Array.from(bytes).buffer)

describe('two values', () => {
  it.each<[string, unknown, unknown]>([
    ['numbers', 1, 1],
    ['NaN', Number.NaN, Number.NaN],
    ['objects', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    ['errors of one class and the same fields', new Refused('no', 1), new Refused('no', 1)],
    ['dates', new Date(5), new Date(5)],
    ['maps and sets', new Map([[1, new Set([2])]]), new Map([[1, new Set([2])]])],
    ['DOMExceptions', new DOMException('no', 'AbortError'), new DOMException('no', 'AbortError')],
    ['AggregateErrors', new AggregateError([new Error('a')], 'no'), new AggregateError([new Error('a')], 'no')],
    ['views of equal bytes', view(1, 2), new DataView(Uint8Array.of(0, 1, 2).buffer, 1)],
    ['buffers', Uint8Array.of(1, 2).buffer, Uint8Array.of(1, 2).buffer],
    ['patterns', /a/g, /a/g],
    ['boxes', Object(1), Object(1)],
    ['URLs', new URL('http://a.b/c?d'), new URL('http://a.b/c?d')],
    ['subclasses of Map', new Book('x'), new Book('x')],
    ['subclasses of Date', zoned('UTC'), zoned('UTC')],
    ['subclasses of Array', titled('a'), titled('a')],
    ['fields by symbols', { [mark]: 1 }, { [mark]: 1 }],
    ["one of jest's matchers", { a: expect.any(Number) }, { a: 3 }],
  ])('are equal: %s', (_name, a, b) => {
    expect(difference(a, b)).toBeUndefined()
  })

  it.each<[string, unknown, unknown, string]>([
    ['a field deep inside', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, 'a[0].b'],
    ['a field that is not there', { a: undefined }, {}, 'a'],
    ['a field too many', {}, { a: undefined }, 'a'],
    ['0 and -0', 0, -0, ''],
    ['a class', new Refused('no', 1), new Error('no'), ''],
    ['a class with no fields at all', new Marker(), new OtherMarker(), ''],
    ["an error's field", new Refused('no', 1), new Refused('no', 2), 'code'],
    ["an error's message", new Error('a'), new Error('b'), 'message'],
    ["an error's cause", new Error('a', { cause: 1 }), new Error('a', { cause: 2 }), 'cause'],
    ['null and undefined', null, undefined, ''],
    ['a number and its text', 1, '1', ''],
    ['the length of a list', [1], [1, 2], '[1]'],
    ["a DOMException's name", new DOMException('no', 'AbortError'), new DOMException('no', 'TimeoutError'), 'name'],
    ['errors of AggregateError', new AggregateError([1], 'no'), new AggregateError([2], 'no'), 'errors[0]'],
    ["an error's name", withField(new Error('a'), 'name', 'A', false), new Error('a'), 'name'],
    ['bytes of a DataView', view(1, 2), view(1, 3), '[1]'],
    ['bytes of an ArrayBuffer', Uint8Array.of(1).buffer, Uint8Array.of(2).buffer, '[0]'],
    ['bytes of a SharedArrayBuffer', new SharedArrayBuffer(1), new SharedArrayBuffer(2), '[1]'],
    ['a pattern', /a/g, /b/g, ''],
    ['the flags of a pattern', /a/g, /a/i, ''],
    ['a box', Object(1), Object(2), ''],
    ['a URL', new URL('http://a.b'), new URL('http://a.c'), ''],
    ['a field by a symbol', { [mark]: 1 }, { [mark]: 2 }, '[Symbol(mark)]'],
    ['a field by a symbol too many', {}, { [mark]: 2 }, '[Symbol(mark)]'],
    ['a hidden field', withField({}, 'id', 1, false), withField({}, 'id', 2, false), 'id'],
    ['a hidden field by a symbol', withField({}, mark, 1, false), withField({}, mark, 2, false), '[Symbol(mark)]'],
    ['a hidden field of a list', withField([], 'id', 1, false), withField([], 'id', 2, false), 'id'],
    ['a field of a list', Object.assign([1], { total: 1 }), [1], 'total'],
    ['a field of a Map', new Book('x'), new Book('y'), 'name'],
    ['the content of a Map with fields', new Book('x'), new Book('x', [['a', 2]]), '[0][1]'],
    ['a field of a Date', zoned('UTC'), zoned('CET'), 'zone'],
    ['a field of an Array', titled('a'), titled('b'), 'title'],
    ['a field of a typed array', measured('s'), measured('ms'), 'unit'],
    ['a field of a pattern', withField(/a/, 'id', 1), withField(/a/, 'id', 2), 'id'],
    ['private fields', new Wallet(1), new Wallet(2), ''],
    ['a hole and undefined', [undefined], new Array(1), '[0]'],
  ])('differ, and where: %s', (_name, a, b, path) => {
    expect(difference(a, b)?.path).toBe(path)
  })

  it('with private fields are only equal when they are one, and the message says so', () => {
    const wallet = new Wallet(1)
    expect(difference({ wallet }, { wallet })).toBeUndefined()
    expect(difference({ wallet }, { wallet: new Wallet(1) })?.received).toContain('Wallet has private fields')
    expect(difference(like(Wallet, { owner: 'me' }), new Wallet(1))).toBeUndefined()
  })

  it('may be named by fields that are inherited', () => {
    expect(difference(like(DOMException, { name: 'AbortError' }), new DOMException('', 'AbortError'))).toBeUndefined()
    expect(difference(like(DOMException, { name: 'AbortError' }), new DOMException(''))?.path).toBe('name')
  })

  it('may hold themselves', () => {
    const loop = (): { self?: unknown; n: number } => {
      const it: { self?: unknown; n: number } = { n: 1 }
      it.self = it
      return it
    }
    expect(difference(loop(), loop())).toBeUndefined()
  })

  it('differ by an own __proto__ as by any field', () => {
    expect(difference(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":2}'))?.received).toBe('2')
  })
})

describe('an expected error', () => {
  it('may be a class: any error of exactly it', () => {
    expect(errorDifference(Refused, new Refused('whatever', 3))).toBeUndefined()
    expect(errorDifference(Refused, new Error('whatever'))).toBeDefined()
    expect(errorDifference(Error, new Refused('a subclass is another class', 3))).toBeDefined()
  })

  it('may name some of its fields', () => {
    expect(errorDifference(like(Refused, { code: 3 }), new Refused('whatever', 3))).toBeUndefined()
    expect(errorDifference(like(Refused, { code: 3 }), new Refused('whatever', 4))?.path).toBe('code')
    expect(errorDifference(like(Refused, { message: 'no' }), new Refused('yes', 4))?.path).toBe('message')
  })
})

const at = (atMs: number, value: unknown): ExpectedRecord => ({ atMs, kind: 'next', value, text: String(value) })
const verdicts = (expected: ExpectedRecord[], received: ExpectedRecord[], strictness = {}) =>
  align(expected, received, strictness).map(({ verdict }) => inWords(verdict))

describe('a lane beside what was received', () => {
  it('is as expected when every record is', () => {
    expect(verdicts([at(1, 'a'), at(2, 'b')], [at(1, 'a'), at(2, 'b')])).toEqual(['as expected', 'as expected'])
  })
  it('tells what is late and early, and by how much', () => {
    expect(verdicts([at(10, 'a'), at(20, 'b')], [at(15, 'a'), at(18, 'b')])).toEqual(['late by 5ms', 'early by 2ms'])
  })
  it('tells what is missing and what is extra', () => {
    expect(verdicts([at(1, 'a'), at(2, 'b'), at(3, 'c')], [at(1, 'a'), at(3, 'c'), at(9, 'd')])).toEqual([
      'as expected',
      'missing',
      'as expected',
      'extra',
    ])
  })
  it('tells a value that differs, and where', () => {
    expect(verdicts([at(1, { q: { n: 3 } })], [at(1, { q: { n: 1 } })])).toEqual([
      'value differs at q.n: expected 3, received 1',
    ])
  })
  it('tells a value that differs and is late as well', () => {
    expect(verdicts([at(1, { p: 1, q: 3 })], [at(2, { p: 1, q: 1 })])).toEqual([
      'value differs at q: expected 3, received 1; and late by 1ms',
    ])
  })
  it('tells what changed places, also within one instant', () => {
    expect(verdicts([at(5, 'a'), at(5, 'b')], [at(5, 'b'), at(5, 'a')]).sort()).toEqual(['as expected', 'reordered'])
  })
  it('tells an end that should have been an error', () => {
    const end = { atMs: 1, kind: 'complete' as const, value: undefined, text: '|' }
    const error = { atMs: 1, kind: 'error' as const, value: new Error('x'), text: '#x' }
    expect(verdicts([error], [end])).toEqual(["value differs: expected Error('x'), received the end"])
  })
  it('may be off by so much as it says', () => {
    expect(verdicts([at(100, 'a'), at(200, 'b')], [at(150, 'a'), at(251, 'b')], { withinMs: 50 })).toEqual([
      'as expected',
      'late by 51ms',
    ])
  })
  it('may have its order compared alone', () => {
    expect(verdicts([at(0, 'a'), at(0, 'b')], [at(70, 'a'), at(99, 'b')], { inOrder: true })).toEqual([
      'as expected',
      'as expected',
    ])
    expect(verdicts([at(0, 'a'), at(0, 'b')], [at(1, 'b'), at(2, 'a')], { inOrder: true })).toContain('reordered')
  })

  const lane = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b', 'c')), { maxLength: 8 })
    .map((pairs) => pairs.map(([ms, value]) => at(ms, value)).sort((a, b) => a.atMs - b.atMs))

  it('is as expected when, and only when, the records are the same', () => {
    fc.assert(
      fc.property(lane, lane, (expected, received) => {
        const plain = (records: ExpectedRecord[]) => JSON.stringify(records)
        const same = align(expected, received).every(({ verdict }) => verdict._tag === 'Same')
        expect(same).toBe(plain(expected) === plain(received))
      }),
      { numRuns: 500 },
    )
  })
  it('has every expected and every received record in exactly one pair', () => {
    fc.assert(
      fc.property(lane, lane, (expected, received) => {
        const pairs = align(expected, received)
        const identities = (side: 'expected' | 'received') => new Set(pairs.flatMap((pair) => pair[side] ?? []))
        expect(identities('expected')).toEqual(new Set(expected))
        expect(pairs.filter((pair) => pair.expected !== undefined)).toHaveLength(expected.length)
        expect(identities('received')).toEqual(new Set(received))
        expect(pairs.filter((pair) => pair.received !== undefined)).toHaveLength(received.length)
      }),
    )
  })
})

describe('a value for people', () => {
  it.each<[unknown, string]>([
    [{ action: 'BUY', price: 98, 'odd key': [1, -0] }, `{ action: 'BUY', price: 98, "odd key": [1, -0] }`],
    [new Refused('no\nway', 1), `Refused('no\\nway')`],
    [new Map([['a', 1]]), `Map { 'a' => 1 }`],
    [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: {…} } } }'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [undefined, 'undefined'],
  ])('%# stands in one line', (value, text) => {
    expect(show(value)).toBe(text)
  })
})
