import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const src = join(dirname(fileURLToPath(import.meta.url)), '../../src')

/** Paths of files and folders that a page names in backticks, with a folder in front. */
const pathsIn = (page: string): readonly string[] => [
  ...new Set(
    [...readFileSync(join(src, page), 'utf8').matchAll(/`([a-z][\w-]*(?:\/[\w-]+)*\/(?:[\w-]+\.ts)?)`/g)].map(
      ([, path = '']) => path,
    ),
  ),
]

describe('the map of the code', () => {
  it.each(['README.md', 'GLOSSARY.md'])('names only files and folders that exist: src/%s', (page) => {
    const root = join(src, '..')
    const places = [
      src,
      root,
      ...['market/files', 'backtest', 'cli', 'gateway', 'strategy'].map((folder) => join(src, folder)),
    ]
    const dead = pathsIn(page).filter((path) => !places.some((place) => existsSync(join(place, path))))
    expect(dead).toEqual([])
  })
})
