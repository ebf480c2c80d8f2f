import { reconnect } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'reconnect waits longer after each failure, and resets after a lasting connection',
  text: `The bound of the pause doubles with each attempt (500 ms, 1 s, 2 s …), and the pause is random up to
that bound; here random is always one half. Only a connection that lasts for resetAfterMs resets the pause.`,
  code: 'reconnect({ random, baseMs: 500, resetAfterMs: 10000 })',
  lanes: `
    transport   10ms open  1s #lost
    attempts    ^  1285ms ^  1535ms ^  2035ms ^
    connected   10ms open  1285ms open  1535ms open  2035ms open`,
  values: { open: 'open' },
  errors: { lost: new Error('lost') },
  untilMs: 5000,
  run: ({ cold, subscriptions }) => ({
    connected: cold('transport').pipe(reconnect({ random: () => 0.5, baseMs: 500, resetAfterMs: 10_000 })),
    attempts: subscriptions('transport'),
  }),
})
