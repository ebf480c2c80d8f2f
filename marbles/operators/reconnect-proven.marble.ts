import { reconnect } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'reconnect resets its backoff after a lasting connection',
  text: `After twelve seconds of connection the count of attempts is reset: the pause is as short as after a
first failure.`,
  code: 'reconnect({ random, baseMs: 500, resetAfterMs: 10000 })',
  lanes: `
    transport   10ms open  12s #lost
    attempts    ^  12285ms ^  12285ms ^
    connected   10ms open  12285ms open  12285ms open`,
  values: { open: 'open' },
  errors: { lost: new Error('lost') },
  untilMs: 30_000,
  run: ({ cold, subscriptions }) => ({
    connected: cold('transport').pipe(reconnect({ random: () => 0.5, baseMs: 500, resetAfterMs: 10_000 })),
    attempts: subscriptions('transport'),
  }),
})
