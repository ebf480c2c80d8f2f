import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Two platforms share one socket, each with its own token',
  text: 'The token names the login: frames for one platform are not delivered to the other.',
  lanes: `
    login(huobi) →   5ms ok  20ms ready
    login(okx) →     15ms ok
    server           60ms okx:ready  40ms huobi:disconnected
    client           login(huobi)  login(okx)
    huobi            5ms no  20ms yes  75ms no
    okx              15ms no  45ms yes`,
  values: { yes: true, no: false },
  untilMs: 1000,
  run: ({ login }) => ({
    huobi: login({ platform: 'huobi' }).pipe(switchMap((account) => account.ready$)),
    okx: login({ platform: 'okx' }).pipe(switchMap((account) => account.ready$)),
  }),
})
