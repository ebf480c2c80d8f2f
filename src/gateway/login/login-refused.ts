import { AdapterRefused } from '../adapter/exchange-adapter.js'

/** Reason for refusing a login, for metrics. */
export type LoginRefusal = 'platform' | 'limit' | 'repeat' | 'exchange'

/** A refusal of the gateway's own, or of the exchange's. */
export class LoginRefused extends AdapterRefused {
  constructor(
    readonly why: LoginRefusal,
    message: string,
  ) {
    super(message)
  }
}
