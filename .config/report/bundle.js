// Bundles the charts of the report (charts.js with lightweight-charts and uPlot) into one string.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const { resolve } = createRequire(import.meta.url)

/** Text that may stand in a script element of a page. */
const inPage = (text) =>
  text
    .replace(/<\/(script)/gi, '<\\/$1')
    .replaceAll('<!--', '<\\!--')
    .trim()

export async function bundleCharts() {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [join(here, 'charts.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'silent',
  })
  const script = inPage(outputFiles[0].text)
  const style = readFileSync(join(dirname(resolve('uplot')), 'uPlot.min.css'), 'utf8').trim()
  return { script, sha256: createHash('sha256').update(script).digest('base64'), style }
}

/** Module that holds the bundle, for dist. */
export const chartModule = ({ script, sha256, style }) =>
  `export const CHARTS = ${JSON.stringify({ script, sha256, style })}\n`
