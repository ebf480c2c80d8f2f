import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type Browser, chromium } from 'playwright-core'
import type { Charts } from '../../../src/backtest/report/charts.js'
import { reportPage } from '../../../src/backtest/report/report-html.js'
import { sampleRun, walk } from './sample-run.js'

jest.setTimeout(120_000)

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const onPath = names.flatMap((name) => (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name)))
const executablePath = [process.env['CHROMIUM'] ?? '', ...onPath].find((path) => path !== '' && existsSync(path))
if (executablePath === undefined) console.log('report: there is no Chromium here, no report was looked at')

const bundle = '../../../.config/report/bundle.js'

interface Look {
  readonly drawn: string | undefined
  readonly failed: string | undefined
  readonly faults: readonly string[]
  readonly background: string
  readonly pictures: number
  readonly canvases: number
  readonly blank: number
  readonly overflow: number
  readonly shot: Buffer
}

/** Runs in the page: what is shown there, measured by the browser itself. */
const MEASURE = `(() => {
  const isShown = (element) => element.getBoundingClientRect().height > 0
  const isBlank = (canvas) =>
    canvas.width === 0 ||
    !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)
  const lives = [...document.querySelectorAll('.live')].filter(isShown)
  const page = document.documentElement
  return {
    drawn: page.dataset.drawn,
    failed: page.dataset.failed,
    background: getComputedStyle(document.body).backgroundColor,
    pictures: [...document.querySelectorAll('svg[viewBox][aria-label]')].filter(isShown).length,
    canvases: [...document.querySelectorAll('canvas')].filter(isShown).length,
    blank: lives.filter((live) => [...live.querySelectorAll('canvas')].every(isBlank)).length,
    overflow: page.scrollWidth - page.clientWidth,
  }
})()`

const describeInBrowser = executablePath === undefined ? describe.skip : describe

describeInBrowser('a report in Chromium', () => {
  let browser: Browser
  let folder: string
  let address: string

  beforeAll(async () => {
    const { bundleCharts } = (await import(bundle)) as { bundleCharts: () => Promise<Charts> }
    folder = mkdtempSync(join(tmpdir(), 'rxquant-report-'))
    const file = join(folder, 'report.html')
    writeFileSync(file, reportPage(sampleRun(walk(31 * 1440)), await bundleCharts()))
    address = pathToFileURL(file).href
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: [...args, '--disable-sync'] })
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const look = async (options: {
    readonly colorScheme?: 'light' | 'dark'
    readonly media?: 'print'
    readonly javaScriptEnabled?: boolean
    readonly width?: number
  }): Promise<Look> => {
    const { colorScheme = 'light', media, javaScriptEnabled = true, width = 1180 } = options
    const context = await browser.newContext({ javaScriptEnabled, colorScheme, viewport: { width, height: 900 } })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text())
    })
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) faults.push(`requests ${request.url()}`)
    })
    await page.goto(address)
    if (javaScriptEnabled) await page.waitForTimeout(300)
    if (media !== undefined) await page.emulateMedia({ media })
    const seen = await page.evaluate<Omit<Look, 'faults' | 'shot'>>(MEASURE)
    const shot = await page.screenshot({ fullPage: true })
    await context.close()
    return { ...seen, faults, shot }
  }

  it.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(15, 20, 27)'],
  ] as const)(
    'draws every chart in %s without a fault, a request or an empty chart',
    async (colorScheme, background) => {
      const seen = await look({ colorScheme })
      expect(seen).toMatchObject({ drawn: '4', failed: undefined, faults: [], background, blank: 0, overflow: 0 })
      expect(seen.canvases).toBeGreaterThanOrEqual(4)
      expect(seen.pictures).toBe(4)
      expect(seen.shot.length).toBeGreaterThan(50_000)
    },
  )

  it('shows its static pictures without JavaScript', async () => {
    expect(await look({ javaScriptEnabled: false })).toMatchObject({ drawn: undefined, pictures: 8, canvases: 0 })
  })

  it('prints the static pictures in light colours, whatever the scheme', async () => {
    const seen = await look({ colorScheme: 'dark', media: 'print' })
    expect(seen).toMatchObject({ faults: [], pictures: 8, canvases: 0, background: 'rgb(255, 255, 255)' })
  })

  it('fits a telephone', async () => {
    expect(await look({ width: 390 })).toMatchObject({ faults: [], overflow: 0, drawn: '4' })
  })
})
