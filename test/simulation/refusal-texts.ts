/** Words with which servers in the field refuse an order, by what they prove. */
export const refusalTexts = {
  /** The call to the exchange went wrong: the order may exist. */
  transport: [
    'Server disconnected',
    'Empty reply from server',
    'failed to respond',
    'Premature close',
    'fetch failed',
    'socket hang up',
    'read ECONNRESET',
    'Remote end closed connection without response',
    "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    'Post "https://api.example.com/v1/order": EOF',
    'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    '<html><head><title>504 Gateway Time-out</title></head></html>',
    'error code: 520',
    'ExchangeNotAvailable',
    'RequestTimeout',
    'Service Temporarily Unavailable',
    'Duplicate clientOrderId',
    // These name a reason as well.
    'invalid price: read timed out',
    'insufficient balance (HTTP 502 Bad Gateway)',
    '请求超时',
    '网络异常，请稍后再试',
    '系统繁忙',
    '服务器内部错误',
  ],
  /** Words that name no reason: the order may exist. */
  unrecognised: [
    'no luck this time',
    'error',
    'failed',
    'oops',
    '-1',
    'code 1032',
    'null',
    'FAIL',
    '下单失败',
    '操作失败',
    '未知错误',
  ],
  /** A business reason: no order was made. */
  business: [
    'insufficient balance',
    'Insufficient margin',
    'Account has insufficient balance for requested action.',
    'Filter failure: PRICE_FILTER',
    'Filter failure: LOT_SIZE',
    'Order price is not a multiple of the tick size',
    'quantity is below the minimum',
    'Invalid symbol.',
    'Too many requests; rate limit exceeded',
    'reduce only order is rejected',
    'Invalid API key',
    '余额不足',
    '保证金不足',
    '价格精度错误',
    '数量小于最小下单量',
    '无交易权限',
  ],
} as const

const doubtful: ReadonlySet<unknown> = new Set([...refusalTexts.transport, ...refusalTexts.unrecognised])
const definite: ReadonlySet<unknown> = new Set(refusalTexts.business)

export const isDoubtful = (words: unknown): boolean => doubtful.has(words)
export const isBusinessReason = (words: unknown): boolean => definite.has(words)

/** The first text among the doubtful ones that the words hold. Short ones are part of too much. */
export const doubtfulTextIn = (words: string): string | undefined =>
  [...refusalTexts.transport, ...refusalTexts.unrecognised].find((text) => text.length > 6 && words.includes(text))
