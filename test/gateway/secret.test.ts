import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { Secret } from '../../src/gateway/index.js'

const key = new Secret('a-marked-secret')

describe('a secret', () => {
  it.each([
    ['in a template', () => `key: ${key as unknown as string}`],
    ['as a property name', () => Object.keys({ [key as unknown as string]: 1 }).join()],
    ['as JSON', () => JSON.stringify({ key, keys: [key] })],
    ['to an inspector', () => inspect({ key, keys: [key] }, { depth: 9, showHidden: true })],
    ['in an error', () => inspect(new Error(`bad key ${String(key)}`))],
    ['copied', () => JSON.stringify(Object.assign({}, key))],
  ])('does not show itself %s', (_, print) => {
    expect(print()).not.toContain('marked')
  })

  it('gives its text only on request by name', () => {
    expect(key.reveal()).toBe('a-marked-secret')
  })

  it('is taken out of the words of others, wherever it stands', () => {
    expect(key.redact('a-marked-secret is bad; use not a-marked-secret')).toBe('*** is bad; use not ***')
  })

  it('that is hardly one does not make holes in other words', () => {
    expect(new Secret('a').redact('a bad day')).toBe('a bad day')
    expect(new Secret('').redact('a bad day')).toBe('a bad day')
  })
})
