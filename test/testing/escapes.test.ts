import { randomBytes, scrypt, scryptSync } from 'node:crypto'
import { readFile, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { nextTick } from 'node:process'
import { Readable } from 'node:stream'
import { setImmediate as nodeImmediate, setInterval as nodeInterval, setTimeout as nodeTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzip, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { delay, map, Observable, tap } from 'rxjs'
import { runScenario, type ScenarioRun, type Scenario } from '../../src/testing/index.js'

const taken = { setTimeout, setInterval, setImmediate, queueMicrotask, RealDate: Date }
class Stamp extends Date {}
const openedBefore = new MessageChannel()

/** Expects silence of a pipeline that puts its value off by `later`, and a value at once that shows that it ran. */
const silent = (later: (done: () => void) => void, more: Partial<Scenario> = {}): ScenarioRun =>
  runScenario({
    lanes: `
      a      1
      late   [silent]`,
    run: ({ hot }) => ({
      late: new Observable((subscriber) =>
        hot('a').subscribe(() => later(() => subscriber.closed || subscriber.next('late'))),
      ),
    }),
    ...more,
  })

const words = (run: ScenarioRun): string => run.faults.map(({ message }) => message).join('\n')

const escapes: readonly [string, (done: () => void) => void, RegExp][] = [
  ['process.nextTick', (done) => process.nextTick(done), /process\.nextTick was used/],
  ['an imported nextTick', (done) => nextTick(done), /process\.nextTick was used/],
  ['setTimeout of node:timers', (done) => nodeTimeout(done, 1), /a real timer was started/],
  ['setInterval of node:timers', (done) => nodeInterval(done, 1).unref(), /a real timer was started/],
  ['setImmediate of node:timers', (done) => nodeImmediate(done), /a real setImmediate/],
  ['timers as promises', (done) => void sleep(1).then(done), /a promise was met/],
  ['a captured setTimeout', (done) => taken.setTimeout(done, 1), /a real timer was started/],
  ['a captured setInterval', (done) => taken.setInterval(done, 1).unref(), /a real timer was started/],
  ['a captured setImmediate', (done) => taken.setImmediate(done), /a real setImmediate/],
  ['a captured queueMicrotask', (done) => taken.queueMicrotask(done), /a real queueMicrotask/],
  [
    'a MessageChannel',
    (done) => {
      const { port1, port2 } = new MessageChannel()
      port2.addEventListener('message', () => {
        port1.close()
        done()
      })
      port1.postMessage(0)
    },
    /a message channel was opened/,
  ],
  ['a channel of before', () => openedBefore.port1.postMessage(0), /a message was posted to a MessagePort/],
  ['a file', (done) => readFile(import.meta.filename, () => done()), /a file was read or written/],
  ['a stream', (done) => Readable.from([1]).on('data', done), /process\.nextTick was used/],
  ['random bytes', (done) => randomBytes(4, () => done()), /asynchronous work of Node was started \(RANDOMBYTES/],
  [
    'a password hash',
    (done) => scrypt('word', 'salt', 8, () => done()),
    /asynchronous work of Node was started \(SCRYPT/,
  ],
  [
    'compression',
    (done) => gzip('word', () => done()),
    /asynchronous work of Node was started \(ZLIB\)|nextTick was used/,
  ],
  // The first of its steps that a run sees depends on what the process has done before.
  [
    'a server',
    (done) => createServer().listen(0, '127.0.0.1', done).close(),
    /asynchronous work of Node was started|nextTick was used/,
  ],
]

describe('time that escapes', () => {
  it.each(escapes)('by %s fails, and names the line', (_name, later, expected) => {
    const run = silent(later)
    expect(run.passed).toBe(false)
    expect(words(run)).toMatch(expected)
    expect(words(run)).toMatch(/test\/testing\/escapes\.test\.ts:\d+/)
  })

  it('is named at its line below many operators', () => {
    const run = runScenario({
      lanes: `
        a      1
        out    1`,
      run: ({ hot }) => {
        let out$: Observable<unknown> = hot('a').pipe(tap(() => process.nextTick(() => {})))
        for (let i = 0; i < 30; i++) out$ = out$.pipe(map((n) => n))
        return { out: out$ }
      },
    })
    expect(words(run)).toMatch(/escapes\.test\.ts:\d+/)
  })

  it('is allowed where promises are', () => {
    expect(words(silent((done) => nodeTimeout(done, 1), { allowPromises: true }))).toBe('')
  })

  it.each<[string, (done: () => void) => void]>([
    ['console.log', () => console.log('out')],
    ['standard output', () => process.stdout.write('')],
    ['random bytes at once', () => randomBytes(4)],
    ['a password hash at once', () => scryptSync('word', 'salt', 8)],
    ['compression at once', () => gunzipSync(gzipSync('word'))],
    ['a file at once', () => readFileSync(import.meta.filename)],
    ['a warning', () => process.emitWarning('a warning of the test', { code: 'TEST' })],
  ])('%s is none', (_name, later) => {
    expect(words(silent(later))).toBe('')
  })

  it('of AbortSignal.timeout is followed', () => {
    const run = runScenario({
      lanes: `
        a      1
        out    250ms 'aborted'`,
      run: ({ hot }) => ({
        out: new Observable((subscriber) =>
          hot('a').subscribe(() =>
            AbortSignal.timeout(250).addEventListener('abort', () => subscriber.next('aborted')),
          ),
        ),
      }),
    })
    expect(run.passed).toBe(true)
  })
})

const ofDate = (read: () => unknown, more: Partial<Scenario> = {}): ScenarioRun =>
  runScenario({
    lanes: `
      a     1
      out   1s 1`,
    run: ({ hot }) => ({ out: hot('a').pipe(delay(1000), tap(read)) }),
    ...more,
  })

describe('a date of the real clock', () => {
  it.each<[string, () => unknown]>([
    ['a captured Date', () => new taken.RealDate().getTime()],
    ['a captured Date in a template', () => `at ${String(new taken.RealDate())}`],
    ['a captured Date in a sum', () => Number(new taken.RealDate()) + 1],
    ['a captured Date as JSON', () => JSON.stringify({ at: new taken.RealDate() })],
    ['a class that extends Date', () => new Stamp().getTime()],
  ])('of %s fails, and names the line', (_name, read) => {
    for (let i = 0; i < 50; i++) {
      const run = ofDate(read)
      expect(run.passed).toBe(false)
      expect(words(run)).toMatch(/a date of the real clock was used \(test\/testing\/escapes\.test\.ts:\d+\)/)
    }
  })

  it('of before the run, and dates of virtual time, pass', () => {
    for (let i = 0; i < 200; i++) {
      const before = new Date()
      const run = ofDate(() => [before.getTime(), new Date().toISOString(), new Stamp(Date.now()).getHours()])
      expect(words(run)).toBe('')
    }
  })

  it('cannot be recognised where the virtual time is that of today, and passes', () => {
    expect(words(ofDate(() => new Date().getTime(), { startMs: Date.now() }))).toBe('')
  })

  it('leaves the prototype as it was', () => {
    const before = Object.getOwnPropertyDescriptors(Date.prototype)
    ofDate(() => {})
    expect(Object.getOwnPropertyDescriptors(Date.prototype)).toEqual(before)
  })
})
