import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { it } from '@jest/globals'

/** Folder of recorded market data. It is no part of the repository. */
const folder = resolve(process.env['RXQUANT_DATA'] ?? '../shared/data')

/** Path of a file of recorded market data. */
export const dataFile = (name: string): string => join(folder, name)

/** `it` where all these files are there; otherwise `it.skip`, and says so. */
export const itWithData = (...names: readonly string[]): typeof it => {
  const missing = names.filter((name) => !existsSync(dataFile(name)))
  if (missing.length > 0) console.log(`skipped: ${folder} has no ${missing.join(', ')} (RXQUANT_DATA names the folder)`)
  return missing.length > 0 ? (it.skip as typeof it) : it
}
