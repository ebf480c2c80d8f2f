// Makes a test of a diagram module: what it exports by default is run under its title.
import { createRequire } from 'node:module'

const swc = createRequire(import.meta.url)('@swc/jest')

const asTest = (source) =>
  `${source.replace(/^export default /m, 'const theDiagram = ')}
export default theDiagram
;(await import('@jest/globals')).test(theDiagram.title, async () => void (await import('rxquant/testing')).checkDiagram(theDiagram))
`

export default {
  createTransformer(options) {
    const inner = swc.createTransformer(options)
    return {
      ...inner,
      process: (source, path, config) => inner.process(asTest(source), path, config),
      processAsync: (source, path, config) => inner.processAsync(asTest(source), path, config),
      getCacheKey: (source, path, config) => `marble-1-${inner.getCacheKey(source, path, config)}`,
    }
  },
}
