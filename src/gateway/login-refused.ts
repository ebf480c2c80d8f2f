import { Refused } from './exchange-interface.js'

/** Why a login is refused, for those who count. */
export type LoginRefusal = 'platform' | 'limit' | 'repeat' | 'exchange'

/** A refusal of the gateway's own, or of the exchange's. */
export class LoginRefused extends Refused {
  constructor(
    readonly why: LoginRefusal,
    message: string,
  ) {
    super(message)
  }
}
