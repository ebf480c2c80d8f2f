import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { ChaosInvalid, readChaos } from '../../../src/gateway/index.js'
import { quirkNames } from '../../../src/gateway/chaos/settings.js'
import { jsonLine } from '../../../src/gateway/chaos/read-chaos.js'

const faultsOf = (text: string): string => {
  try {
    readChaos(text, 'chaos.json')
    return ''
  } catch (error) {
    if (error instanceof ChaosInvalid) return error.message
    throw error
  }
}

describe('the settings of chaos', () => {
  it('are read as they stand', () => {
    const settings = { seed: 7, quirks: [{ quirk: 'reply-lost', op: ['place_order', 'asset'], rate: 0.1 }] }
    expect(readChaos(JSON.stringify(settings), 'chaos.json')).toEqual(settings)
  })

  it('may begin with what some editors put there', () => {
    expect(readChaos('\uFEFF{ "quirks": [] }', 'chaos.json')).toEqual({ quirks: [] })
  })

  it('name the line and the place of what is wrong, and say what may be there', () => {
    const text = `{
      "seed": 7,
      "quirks": [
        { "quirk": "reply-lost", "rate": 0.1 },
        { "quirk": "reply-late",
          "rate": 2 }
      ]
    }`
    expect(faultsOf(text)).toBe('chaos.json, line 6: quirks[1].rate should be a number from 0 to 1, but is 2')
  })

  it('refuse a field that would do nothing, and name those that are known', () => {
    expect(faultsOf('{ "quirks": [{ "quirk": "notice-lost", "rat": 0.1 }] }')).toBe(
      'chaos.json, line 1: quirks[0].rat is not known here; there are quirk, rate, nth, atMs, topic',
    )
  })

  it('refuse an unknown quirk, and name all quirks', () => {
    const words = faultsOf('{\n"quirks": [{ "quirk": "reply-lots" }] }')
    expect(words).toContain('chaos.json, line 2: quirks[0].quirk should be a quirk, one of reply-lost, reply-late,')
    expect(words).toContain('but is "reply-lots"')
  })

  it('refuse two occasions at once', () => {
    expect(faultsOf('{ "quirks": [{ "quirk": "nulls", "rate": 0.1, "nth": 3 }] }')).toBe(
      'chaos.json, line 1: quirks[0].nth cannot be there together with rate: choose one',
    )
  })

  it('tell all that is wrong, up to five', () => {
    const words = faultsOf(`{ "quirks": [${Array.from({ length: 7 }, () => '{ "quirk": 7 }').join(',\n')}] }`)
    expect(words.split('\n')).toHaveLength(6)
    expect(words).toMatch(/line 5: quirks\[4\]\.quirk should .* but is 7\nand 2 more$/)
  })

  it.each([
    ['{\n "quirks": [\n', /^chaos\.json, line 3: this is no JSON: /],
    ['{\n "quirks": [}\n}\n\n', /^chaos\.json: this is no JSON: Unexpected token '}', .*is not valid JSON$/],
    ['{\n 7: []\n}\n\n', /^chaos\.json, line 2: this is no JSON: /],
    ['[]', /^chaos\.json, line 1: it should be an object with seed and quirks, but is \[\]$/],
    ['{}', /^chaos\.json, line 1: quirks is missing$/],
    ['{ "quirks": [7] }', /^chaos\.json, line 1: quirks\[0\] should be a quirk, one of .*, but is 7$/],
    [
      '{ "quirks": [{"quirk":"reply-lost","op":["asset","asse"]}] }',
      /quirks\[0\]\.op\[1\] should be one of place_order/,
    ],
    ['{ "quirks": [{"quirk":"plain","rate":0.5}] }', /quirks\[0\]\.rate is not known here; there are quirk$/],
    ['{ "quirks": [{"quirk":"__proto__"}] }', /quirks\[0\]\.quirk should be a quirk/],
    ['{ "quirks": [{"quirk":"nulls","constructor":1}] }', /quirks\[0\]\.constructor is not known here/],
  ])('refuse %s', (text, words) => {
    expect(faultsOf(text)).toMatch(words)
  })

  it('find each quirk by its name', () => {
    const text = JSON.stringify({ quirks: quirkNames.map((quirk) => ({ quirk })) })
    expect(readChaos(text, 'chaos.json').quirks.map(({ quirk }) => quirk)).toEqual(quirkNames)
  })
})

describe('what is written about chaos', () => {
  it('has an example that can be read', () => {
    const file = 'examples/chaos.json'
    expect(readChaos(readFileSync(file, 'utf8'), file).quirks.length).toBeGreaterThan(5)
  })

  it('has a row for each quirk, and no other', () => {
    const rows = readFileSync('src/gateway/chaos/README.md', 'utf8').matchAll(/^\| `([a-z]+(?:-[a-z]+)*)` +\|/gm)
    const names = Array.from(rows, ([, name]) => name)
    expect(names.filter((name) => name !== 'rate' && name !== 'nth')).toEqual([...quirkNames])
  })

  it('says how many there are', () => {
    expect(readFileSync('README.md', 'utf8')).toContain(`[${quirkNames.length} quirks]`)
  })
})

describe('a line of a JSON text', () => {
  const text = `{ "a,[": 1,
    "b": [ 1, { "c\\"": 2 },
      [3,
      4] ],
    "d": {} }`
  it.each([
    [[], 1],
    [['a,['], 1],
    [['b', '1', 'c"'], 2],
    [['b', '2', '1'], 4],
    [['b', '2', '9'], 3],
    [['d'], 5],
    [['nowhere'], 1],
  ])('is found by the path %j', (path, line) => {
    expect(jsonLine(text, path)).toBe(line)
  })
})
