import type { LoginRefusal } from './login-refused.js'

/** What a gateway does, for logs and metrics. Holds no key, no token and no word of a client but names the gateway knows. */
export type GatewayEvent =
  | { readonly type: 'listening'; readonly url: string; readonly port: number }
  | { readonly type: 'turned-away'; readonly why: 'origin' | 'host' | 'path' }
  | { readonly type: 'connected'; readonly connection: number }
  | { readonly type: 'disconnected'; readonly connection: number; readonly why: string }
  | { readonly type: 'login'; readonly connection: number; readonly platform: string }
  | { readonly type: 'login-refused'; readonly connection: number; readonly why: LoginRefusal }
  | { readonly type: 'logout'; readonly connection: number; readonly platform: string; readonly clean: boolean }
  | { readonly type: 'bad-frame'; readonly connection: number; readonly why: string }
  | { readonly type: 'fault'; readonly where: string; readonly error: string }
