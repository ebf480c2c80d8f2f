import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { faults } from './faults.js'

const tests = join(import.meta.dirname, '..')
const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')

const rows = [...readme.matchAll(/^\| (\d+) +\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, n, classes = '', titles = '']) => {
    const list = (cell: string): string[] =>
      cell
        .split('<br>')
        .map((each) => each.trim())
        .filter((each) => each !== '')
    return { n: Number(n), classes: list(classes), titles: list(titles) }
  },
)

describe('the table of faults in the README', () => {
  it('has a row for each fault, with a test', () => {
    const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
    expect(rows.map(({ n }) => n)).toEqual([...upTo(27), ...upTo(33, 31)])
    expect(rows.filter(({ titles }) => titles.length === 0)).toEqual([])
  })

  it.each(rows)('names classes that are counted and tests that are there: fault $n', ({ classes, titles }) => {
    expect(classes.filter((each) => !faults.some((fault) => fault === each))).toEqual([])
    for (const named of titles) {
      const [, file = '', title = ''] = /^(\S+): (.*)$/.exec(named) ?? []
      const source = readFileSync(join(tests, `${file}.test.ts`), 'utf8')
      expect(["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`))).toBe(true)
    }
  })
})
