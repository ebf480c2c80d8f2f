import * as rxjsWebsockets from 'rxjs-websockets'

/**
 * The package's types say what Node sees: a module whose default is the CommonJS module, whose
 * default is the function.
 */
type MakeWebSocketObservable = typeof rxjsWebsockets.default.default

const found = ((): unknown => {
  let candidate: unknown = rxjsWebsockets
  while (typeof candidate === 'object' && candidate !== null && 'default' in candidate) candidate = candidate.default
  return candidate
})()

/**
 * rxjs-websockets' only function. The package is CommonJS without an exports map: its default
 * import is an object in Node and the function in a bundler.
 */
export const makeWebSocketObservable = found as MakeWebSocketObservable
