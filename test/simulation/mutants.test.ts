import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { mutants } from './mutants.js'

const root = join(import.meta.dirname, '../..')

describe('the safeguards that npm run simulate:mutants takes away', () => {
  it.each(mutants.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit }))))(
    'is in the source, once: $name',
    ({ file, from, to }) => {
      expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2)
      expect(to).not.toBe(from)
    },
  )

  it('have a name each', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })
})
