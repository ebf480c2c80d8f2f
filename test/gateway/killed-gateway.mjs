// A gateway that is killed, as by kill -9, when it has taken an order and before it replies.
import { tap } from 'rxjs'
import { listen, paperPlatforms } from 'rxquant/gateway'

const [journal] = process.argv.slice(2)
const platforms = new Map(
  [...paperPlatforms({ market: 'none', journal })].map(([name, platform]) => {
    const open = (login) => {
      const session = platform.open(login)
      const placeOrder = (order) => session.placeOrder(order).pipe(tap(() => process.kill(process.pid, 'SIGKILL')))
      return { ...session, placeOrder }
    }
    return [name, { ...platform, open }]
  }),
)
listen({ platforms, port: 0 }).subscribe((event) => {
  if (event.type === 'listening') console.log(event.url)
})
