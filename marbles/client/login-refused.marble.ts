import { map } from 'rxjs'
import { LoginFailed } from 'rxquant'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'A failed login errors with the message of the server',
  text: `The server refuses the login, reports a missing parameter, or does not become READY in time. The login
errors with the last message of the server, never with a key.`,
  lanes: `
    login(okx) →     10ms refused(wrong passphrase)
    login(bitmex) →  10ms ok  5ms param_miss(no such platform)
    login(huobi) →   10ms ok  5ms connected  1s trouble(signature mismatch)
    client           login(okx) login(bitmex) login(huobi)  15ms logout  59985ms logout
    okx              10ms #refused
    bitmex           10ms account  5ms #paramMiss
    huobi            10ms account  59990ms #notReady`,
  values: { account: 'account' },
  errors: {
    refused: like(LoginFailed, { reason: 'refused', serverMessage: 'wrong passphrase' }),
    paramMiss: like(LoginFailed, { reason: 'param-miss', serverMessage: 'no such platform' }),
    notReady: like(LoginFailed, { reason: 'not-ready', serverMessage: 'signature mismatch' }),
  },
  run: ({ login }) => {
    const to = (platform: string) => login({ platform }).pipe(map(() => 'account'))
    return { okx: to('okx'), bitmex: to('bitmex'), huobi: to('huobi') }
  },
})
