import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { delay, merge, mergeMap, of, throwError, timer } from 'rxjs'
import { checkDiagram, diagram, drawDiagram, drawSvg, MarblesFailed, runScenario } from '../../src/testing/index.js'
import { layOut, size, textWidth } from '../../src/testing/draw-svg/layout.js'
import type { LaneRecord, ScenarioRun } from '../../src/testing/index.js'

const runOf = (lanes: readonly (readonly LaneRecord[])[]): ScenarioRun => {
  const names = lanes.map((_, i) => `lane number ${i}`.slice(0, 4 + i * 5))
  const text = names.map((name) => `${name.replaceAll(' ', '_')}  'x'`).join('\n')
  const scripts = runScenario({ lanes: text, run: () => ({}) }).lanes
  return {
    lanes: scripts.map((lane, i) => ({ ...lane, role: i === 0 ? 'input' : 'output', records: lanes[i] ?? [] })),
    faults: [],
    endMs: 0,
    passed: true,
    label: ({ kind, value }) => (kind === 'next' || kind === 'error' ? String(value) : '|'),
  }
}

const record = fc.record<LaneRecord>({
  atMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1e7 })),
  kind: fc.constantFrom<LaneRecord['kind']>('next', 'next', 'next', 'error', 'complete'),
  value: fc.string({ maxLength: 60 }),
})
const lane = fc.array(record, { maxLength: 12 }).map((records) => records.sort((a, b) => a.atMs - b.atMs))

describe('the layout of a picture', () => {
  it('lets no label overlap another or leave the page', () => {
    fc.assert(
      fc.property(fc.array(lane, { minLength: 1, maxLength: 4 }), (lanes) => {
        const layout = layOut(runOf(lanes), 'some code that is rather long')
        for (const system of layout.systems) {
          const boxes = system.lanes.flatMap((drawn, index) =>
            drawn.marks
              .filter(({ kind }) => kind === 'next' || kind === 'error')
              .map(({ x, width, level, label }) => {
                expect(textWidth(label)).toBeLessThan(width)
                const y = system.top + drawn.y + level * size.stack
                const below = system.lanes[index + 1]
                if (below !== undefined) expect(y + size.pill / 2).toBeLessThan(system.top + below.y - size.pill / 2)
                return { left: x - width / 2, right: x + width / 2, top: y - size.pill / 2, bottom: y + size.pill / 2 }
              }),
          )
          for (const box of boxes) {
            expect(box.left).toBeGreaterThanOrEqual(layout.left)
            expect(box.right).toBeLessThan(layout.width)
            expect(box.bottom).toBeLessThan(layout.height)
          }
          boxes.forEach((a, i) => {
            for (const b of boxes.slice(i + 1)) {
              const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
              expect(apart).toBe(true)
            }
          })
          const times = system.instants.map(
            ({ x, label }) => [x - textWidth(label) / 2, x + textWidth(label) / 2] as const,
          )
          times.forEach(([, right], i) => expect(right).toBeLessThanOrEqual(times[i + 1]?.[0] ?? Infinity))
        }
        for (const name of layout.systems[0]?.lanes.map((each) => each.name) ?? []) {
          expect(textWidth(name)).toBeLessThan(layout.left - 14)
        }
      }),
    )
  })
})

const picture = () =>
  diagram({
    title: 'A <title> & more',
    text: 'Text "quoted".',
    code: 'mergeMap(x => f(x))',
    lanes: `
      source   a 1s b
      out      5ms a 1s (b '<a & "b">' #lost)`,
    values: { a: 1, b: 2 },
    errors: { lost: new Error('lost') },
    run: ({ hot }) => ({
      out: hot<number>('source').pipe(
        delay(5),
        mergeMap((n) =>
          n === 1
            ? of(n)
            : merge(
                of(n, '<a & "b">'),
                throwError(() => new Error('lost')),
              ),
        ),
      ),
    }),
  })

describe('a picture', () => {
  it('is drawn from the run: values, words, times and the code', () => {
    const svg = drawDiagram(picture())
    for (const text of [
      '>a<',
      '>b<',
      '>5ms<',
      '>1.005s<',
      '>#lost<',
      'mergeMap(x =&gt; f(x))',
      'A &lt;title&gt; &amp; more',
    ]) {
      expect(svg).toContain(text)
    }
    expect(svg).toContain(`>'&lt;a &amp; &quot;b&quot;&gt;'<`)
    expect(svg).not.toMatch(/<(?!\/?(svg|title|desc|style|rect|text|path|g)\b)/)
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  it('is the same, byte for byte, whenever it is drawn', () => {
    expect(drawDiagram(picture())).toBe(drawDiagram(picture()))
  })

  it('is not drawn when the run is not as written', () => {
    const wrong = diagram({ title: 'wrong', text: '', lanes: 'out  1s 0 |', run: () => ({ out: timer(2000) }) })
    expect(() => drawDiagram(wrong)).toThrow(MarblesFailed)
    expect(() => checkDiagram(wrong)).toThrow(/wrong[^]*out \(test\/testing\/draw-svg.test.ts:\d+\)/)
  })

  it('breaks into several lines of lanes when it is long', () => {
    const many = Array.from(
      { length: 60 },
      (_, i): LaneRecord => ({ atMs: i * 1000, kind: 'next', value: `value${i}` }),
    )
    const layout = layOut(runOf([many]), undefined)
    expect(layout.systems.length).toBeGreaterThan(3)
    expect(layout.width).toBeLessThanOrEqual(size.page + 2 * size.margin)
    expect(drawSvg(runOf([many]), { title: 'many' })).toContain('value59')
  })
})
