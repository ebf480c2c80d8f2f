import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'

it('each entry of the changelog is one line of at most 30 words, or a row of a table', () => {
  const lines = readFileSync('CHANGELOG.md', 'utf8').split('\n')
  const entries = lines.filter((line) => line.startsWith('- '))
  expect(entries.length).toBeGreaterThan(50)
  const isHeadOrIntro = (line: string) => /^(#|$)/.test(line) || lines.indexOf(line) < lines.indexOf('## [Unreleased]')
  expect(lines.filter((line) => !/^(- |\| )/.test(line) && !isHeadOrIntro(line))).toEqual([])
  expect(entries.filter((entry) => entry.slice(2).split(/\s+/).length > 30)).toEqual([])
})
