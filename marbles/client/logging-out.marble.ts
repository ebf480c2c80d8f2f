import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'The last unsubscription logs out and closes the socket',
  text: `The subscription is the login. Two subscribers share it; the client closes the socket when the last one
unsubscribes.`,
  lanes: `
    login →     10ms ok  10ms ready
    logout →    10ms ok
    client#1    login  3s logout  10ms |
    first       10ms no  10ms yes  980ms !
    second      10ms no  10ms yes  2980ms !`,
  values: { yes: true, no: false },
  run: ({ login }) => {
    const ready$ = login().pipe(switchMap((account) => account.ready$))
    return { first: ready$, second: ready$ }
  },
})
