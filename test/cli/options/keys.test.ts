import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keysFromEnvironment, keysFromFile, randomKeys } from '../../../src/cli/options/keys.js'

const huobi = { access_key: 'a', secret_key: 's' }
const all = { access_key: 'A', secret_key: 'S' }

describe('keys from the environment', () => {
  const environment = {
    RXQUANT_HUOBI_ACCESS_KEY: 'a',
    RXQUANT_HUOBI_SECRET_KEY: 's',
    RXQUANT_ACCESS_KEY: 'A',
    RXQUANT_SECRET_KEY: 'S',
  }
  it("are the platform's own, or else those for all", () => {
    expect(keysFromEnvironment('huobi', environment)).toEqual(huobi)
    expect(keysFromEnvironment('okex', environment)).toEqual(all)
  })
  it("are never mixed: half of a platform's own keys is an error", () => {
    expect(() => keysFromEnvironment('huobi', { ...environment, RXQUANT_HUOBI_SECRET_KEY: undefined })).toThrow(
      /one is set and the other is not/,
    )
  })
  it('are named when they are missing', () => {
    expect(() => keysFromEnvironment('huobi-swap', {})).toThrow(/RXQUANT_HUOBI_SWAP_ACCESS_KEY/)
  })
})

describe('keys from a file', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'rxquant-keys-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (text: string): string => {
    const file = join(folder, 'keys.json')
    writeFileSync(file, text)
    return file
  }

  it("are the platform's own, or else those under *", () => {
    const file = write(JSON.stringify({ huobi, '*': all }))
    expect(keysFromFile('huobi', file)).toEqual(huobi)
    expect(keysFromFile('constructor', file)).toEqual(all)
  })

  it.each([
    ['no JSON', '{"huobi": {"access_key": "hidden-key", secret'],
    ['no pair', '{"huobi": {"access_key": "hidden-key"}}'],
    ['another platform', '{"okex": {"access_key": "hidden-key", "secret_key": "hidden-too"}}'],
  ])('say what is wrong with them without showing them: %s', (_, text) => {
    const file = write(text)
    const failure = (): string => {
      try {
        keysFromFile('huobi', file)
        return 'none'
      } catch (error) {
        return String(error)
      }
    }
    expect(failure()).toContain(file)
    expect(failure()).not.toContain('hidden')
  })
})

describe('random keys', () => {
  it('are new each time', () => expect(randomKeys()).not.toEqual(randomKeys()))
})
