/* global document, Node, Buffer */
// Looks at the gallery in a real Chromium: no label may be clipped by its picture, overlap another, or reach out of its box, in light
// and in dark. Takes the browser from $CHROMIUM or the PATH; where there is none it says so and passes, for not every machine has one.
// `--shots FOLDER` keeps what was seen, to be looked at by people.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'

const marbles = dirname(fileURLToPath(import.meta.url))
const at = process.argv.indexOf('--shots')
const shots = at < 0 ? undefined : process.argv[at + 1]

const candidates = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const onPath = candidates.flatMap((name) => (process.env.PATH ?? '').split(':').map((folder) => join(folder, name)))
const browser = [process.env.CHROMIUM ?? '', ...onPath].find((path) => path !== '' && existsSync(path))
if (browser === undefined) {
  console.log('marbles: there is no Chromium here, the gallery was not looked at')
  process.exit(0)
}

// Runs in the page: what is drawn, measured by the browser itself.
const measure = () => {
  const found = []
  const svg = document.querySelector('svg')
  const page = svg.getBoundingClientRect()
  const texts = [...svg.querySelectorAll('text')]
  const boxOf = (node) => node.getBoundingClientRect()
  const apart = (a, b) =>
    a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5
  if (texts.length === 0) found.push('nothing is written in it')
  texts.forEach((text, i) => {
    const box = boxOf(text)
    const words = text.textContent
    if (box.width === 0) found.push(`"${words}" is not drawn`)
    if (box.left < page.left || box.right > page.right || box.top < page.top || box.bottom > page.bottom)
      found.push(`"${words}" is clipped`)
    for (const other of texts.slice(i + 1))
      if (!apart(box, boxOf(other))) found.push(`"${words}" overlaps "${other.textContent}"`)
  })
  for (const rect of svg.querySelectorAll('rect.pill, rect.box')) {
    const label = texts.find((text) => rect.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)
    const [inner, outer] = [label === undefined ? undefined : boxOf(label), boxOf(rect)]
    if (
      inner === undefined ||
      inner.left < outer.left ||
      inner.right > outer.right ||
      inner.top < outer.top - 1 ||
      inner.bottom > outer.bottom + 1
    )
      found.push(`"${label?.textContent}" does not fit its box`)
  }
  return found
}

/** The browser, spoken to over its debugging protocol: what `--dump-dom` does is not the same in all of its builds. */
async function open(profile) {
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    'about:blank',
  ]
  const child = spawn(browser, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  const url = await new Promise((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.on('error', reject)
    child.on('close', () => reject(new Error(`${browser} ended:\n${said}`)))
    setTimeout(() => reject(new Error(`${browser} did not start within 30 s:\n${said}`)), 30_000).unref()
  })
  const socket = new WebSocket(url, { maxPayload: 1 << 28 })
  const waiting = new Map()
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(String(data))
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error !== undefined) reject?.(new Error(error.message))
    else resolve?.(result)
  })
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  let lastId = 0
  const ask = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
    })
  /** Until its processes are gone: they write to the profile to the last. */
  const end = async () => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  return { ask, end }
}

const files = readdirSync(marbles, { recursive: true })
  .filter((file) => file.endsWith('.svg'))
  .sort()
const folder = mkdtempSync(join(tmpdir(), 'rxquant-marbles-'))
let wrong = 0
const { ask, end } = await open(join(folder, 'profile'))
try {
  for (const scheme of ['light', 'dark']) {
    const { targetId } = await ask('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true })
    const inPage = async (expression) => {
      const { result, exceptionDetails } = await ask(
        'Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true },
        sessionId,
      )
      if (exceptionDetails !== undefined)
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    }
    await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] }, sessionId)
    await ask(
      'Emulation.setDeviceMetricsOverride',
      { width: 1100, height: 900, deviceScaleFactor: 1, mobile: false },
      sessionId,
    )
    for (const file of files) {
      // One at a time: a style sheet inside an SVG holds for the whole page that it stands in.
      const svg = readFileSync(join(marbles, file), 'utf8')
      const page = scheme === 'dark' ? '#0d1117' : '#ffffff'
      await inPage(
        `document.body.style.background = '${page}'; document.body.innerHTML = ${JSON.stringify(svg)}; undefined`,
      )
      for (const each of await inPage(`(${measure})()`)) {
        console.error(`${scheme}: ${file}: ${each}`)
        wrong++
      }
      if (shots === undefined) continue
      const { width, height } = await inPage(
        `(({ width, height }) => ({ width, height }))(document.querySelector('svg').getBoundingClientRect())`,
      )
      const clip = { x: 0, y: 0, width: width + 16, height: height + 16, scale: 1 }
      const { data } = await ask('Page.captureScreenshot', { clip, captureBeyondViewport: true }, sessionId)
      mkdirSync(shots, { recursive: true })
      writeFileSync(join(shots, `${file.replace(/\W+/g, '-')}-${scheme}.png`), Buffer.from(data, 'base64'))
    }
  }
} finally {
  await end()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
if (wrong === 0)
  console.log(`marbles: ${files.length} pictures looked at, in light and in dark: no label is clipped or overlaps`)
process.exit(wrong > 0 ? 1 : 0)
