/**
 * Word lists for refusals, matched against text in the form of {@link normalized}. A reason is a
 * noun and a defect in one clause ("price" and "not a multiple of"), so that a request echoed in an
 * error message is no reason.
 */

/** Subjects of a business reason. */
const nouns = String.raw`balances?|funds?|money|margin|collateral|equity|assets?|price|prices|px|quantity|quantities|qty|size|sz|amount|volume|value|notional|cost|precision|decimals?|ticks?|lots?|steps?|symbols?|instruments?|inst id|contracts?|pairs?|markets?|currency|currencies|coins?|positions?|leverage|order types?|order (?:minimum|maximum)|time in force|tif|side|action|direction|offset|param(?:eter)?s?|arguments?|permissions?|privileges?|api ?keys?|access key|secret key|signature|sign|timestamp|recv ?window|passphrase|ip|accounts?|sub ?account|trading|(?:post|reduce|close) only|open orders|risk limit`

/** Faults of the subject. */
const defects = String.raw`insufficient|not enough|inadequate|invalid|illegal|incorrect|wrong|bad|malformed|unsupported|unrecogni[sz]ed|unmatched|mismatch(?:ed)?|not (?:a |an |the |in |on |within |included? )*(?:valid|supported|allowed|permitted|enabled|found|trad\w+|listed|available|multiple|exist|defined?|named|tick|price|range|limit|meet|met|satisf\w*|match|enough|sufficient|positive|authori[sz]ed|whitelist\w*|white list|less|more|greater|smaller|larger|open|active)|not (?:aligned|conform)\w*|violat\w+|do(?:es)? ?n[o']t (?:exist|have|match|meet|support|allow|conform|satisfy)|doesnt exist|exceed(?:s|ed|ing)?|above|below|beyond|(?:less|more|greater|larger|smaller|lower|higher|bigger|fewer) th[ae]n|smallest|largest|at least|at most|too (?:low|high|small|large|big|little|long|many|much|few|accurate|deviated|close|far|precise|short)|min|minimum|max|maximum|(?:must|should|can ?not|can't)(?: be)? (?:not|more|less|greater|smaller|larger|lower|higher|above|below|at|an?|one|in|between|within|positive|zero|empty|negative|multiple|meet|exceed|have|finite|divisible|equal|buy|sell|limit|market|-?\d\S*)|must not|required|missing|mandatory|empty|out of range|outside|zero|negative|denied|forbidden|disabled|suspended|frozen|locked|expired|delisted|halted|banned|restricted|prohibited|truncated|multiple of|limit (?:reached|exceeded|hit)|over the (?:limit|min|max)\w*|rejected|filter|ahead of|too old|is (?:0|null)$`

/** Reasons that need no second word. */
const phrases = [
  String.raw`\b(?:insufficient|not enough)\b(?! \w*(?:memory|disk|space|resource|storage|bandwidth|thread|capacity|replica|node))`,
  String.raw`\b(?:no|without|lack(?:ing)? of) (?:sufficient |available |open |any )*(?:money|funds?|margin|balance|position|permission|liquidity|such (?:symbol|market|pair|instrument|contract))`,
  String.raw`\btoo many (?:\w+ )?(?:requests?|orders?|visits|attempts|decimals?)\b|\btoo (?:fast|frequent(?:ly)?)\b|\bfrequent invoke|\brequests? (?:frequency|rate)`,
  String.raw`\brate ?limit|\brequest limit|\bthrottl|\border(?:s|ing)? limit (?:reached|exceeded)`,
  String.raw`\bfilter failure\b|\b(?:price|lot size|notional|percent price(?: by side)?) filter|^(?:market )?lot size$|^min notional$|^max num (?:algo )?orders$`,
  String.raw`\b(?:post|reduce|close|cancel) only (?:order )?(?:is |was |will |would |has been |mode|rule|reject|fail|cancel|not|violat|error|order$|$)`,
  String.raw`\bwould (?:\w+ )?(?:trigger|match|take|cross|be filled|exceed|violate|liquidate)|\bimmediately (?:fillable|trigger|match|fill)|\bfill immediately|\bnot fillable|\bnot traded\b|\btakes no orders\b|\bholding limit failed|\bliquidate immediately`,
  String.raw`\bpermission denied|\baccess denied|\bnot (?:permitted|authori[sz]ed|supported|allowed)\b|\bun ?authori[sz]ed|\bforbidden|\bauthentication (?:error|failed)|\bip (?:address )?(?:is )?not |\bno trad(?:e|ing) permission|\bsignature verification failed|\brestricted location|\btrading banned|\bunmatched ip`,
  String.raw`\b(?:invalid|void|expired) token|\b(?:error|invalid|wrong|bad) (?:sign|order)\b|\binvalid key$|\bunknown (?:symbol|currency|instrument|market|(?:asset )?pair|contract|platform|account|position)`,
  String.raw`\b(?:market|trading) (?:is )?(?:currently )?(?:closed|halted|suspended|paused)|\bcontract unavailable|\border minimum|\border does not meet|\border no [\w-]*\d[\w-]* is not known`,
  // Our own gateway, where an older version or another hop leaves out the flag `unknown`.
  String.raw`\bvalid until\b|^not ready$|\bno more are allowed\b|\bnothing more is done\b`,
  // Codes of Huobi: order-limitorder-amount-min-error.
  String.raw`\b(?:${nouns}|limitorder|marketorder|orderprice|orderamount|accountbalance)(?: (?:min|max|precision|limit|check|format|scale|value|type|sz|px|\w+order))* error$`,
]

/** The same in Chinese, where no space ends a word. */
const chineseNouns = String.raw`余额|资金|保证金|可用|可平|持仓|仓位|价格|委托价|限价|价位|数量|金额|张数|下单量|交易量|精度|小数|最小|最大|最低|最高|步长|单位|价值|面值|币对|币种|交易对|合约|品种|标的|杠杆|权限|密钥|秘钥|签名|白名单|参数|类型|方向|时间戳|账户|账号|api ?key|ip|风控限额|只减仓|只挂单|挂单数|委托数|涨跌停`
const chineseDefects = String.raw`不足|不够|错误|有误|无效|非法|不合法|不合规|不正确|不对|超出|超过|超限|大于|小于|低于|高于|少于|多于|过小|过大|过低|过高|过长|太小|太大|太低|太高|不支持|不存在|不允许|不在|不能|不可|不得|不符|不匹配|不满足|验证失败|校验失败|必须|应为|应该|禁止|受限|限制|上限|下限|涨跌停|无此|禁用|下线|未开通|未授权|暂停|停牌|下架|过期|冻结|整数倍|倍数|为空|缺少`
const chinesePhrases = [
  String.raw`频繁|限频|限流|限速|频率(?:超|过|限)|请求过多|次数(?:超|过)`,
  String.raw`(?:没有|无|缺少).{0,6}权限|没有(?:可用|足够|可平|的)*(?:余额|资金|持仓|仓位|保证金)|无权|未授权|(?:只减仓|仅减仓|只挂单|只做 ?maker).{0,12}(?:拒绝|会|超|只能|不能|不符)|会(?:被)?立即成交|立即触发|市场已?关闭|非交易时间|未到交易时间|最[小低]下单|休市|闭市|停止交易|暂停交易`,
  String.raw`未知(?:的)?(?:交易对|币对|币种|合约|品种|标的)`,
]

const either = (sources: readonly string[]): RegExp => new RegExp(sources.join('|'))

const isNoun = either([String.raw`\b(?:${nouns})\b`, chineseNouns])
const isDefect = either([String.raw`\b(?:${defects})(?![a-z])`, chineseDefects])
const isReason = either([...phrases, ...chinesePhrases])

/** Transport, server errors, duplicates, faults of a program: any of it outweighs a reason. */
const isDoubtful = either([
  // No answer in time.
  String.raw`time[ds]? ?out|deadline|\belapsed\b`,
  // The way there and back.
  String.raw`connect|socket|network|hang up|hung up|reset by|\be(?:conn|host|net|addr|ai|not|proto)[a-z]{3,}|\bepipe\b|\bpipe\b|\beof\b|\bend of file|remote end|peer\b|abort|premature|\bclosed (?:before|by|the|un|early|while)|unexpected|unreachable|\bdns\b|getaddrinfo|resol(?:ve|ution)\b|\bssl|\btls\b|handshake|certificate|proxy|gateway|upstream|backend|\bstream\b|goaway|transport|\bi\/o\b|retries|interrupted|terminated|\bdropped\b|\blost\b|fetch failed|(?:request|context|operation) (?:was )?cancell?ed`,
  // The answer.
  String.raw`\brespon[sd]|\brepl(?:y|ied)\b|\bno answer|\bpayload|\bchunk|incomplete|\bjson|\bhtml\b|<[a-z!\/]|nginx|cloudflare|\bray id\b|openresty|\bempty (?:body|result|string)|unmarshal|serializ|pars(?:e|ing)\b|decod|invalid character|looking for`,
  // The server.
  String.raw`\bservers?\b(?!(?:'s)? time)|\bsystems?\b|\bservices?\b|\binternal|(?<!contract |symbol |market |pair |instrument )\bunavailable|not available exchange|exchange not available|\bbusy\b|overload|maintenance|ddos|database|\bsql\b|redis|deadlock|\bcrash|\bdown\b`,
  // A fault of its program.
  String.raw`\b(?:key|type|value|attribute|index|name|runtime|os|io|lookup|assertion|syntax|reference|range|unicode|null ?pointer) ?error\b|cannot read|no attribute|not a function|is not defined|not iterable|not subscriptable|none ?type|traceback|\bpanic|\bnil\b|\bundefined\b|null ?pointer|exception in`,
  // The outcome is unknown.
  String.raw`\b(?:status|state|fate|outcome|result|whether)\b.{0,60}\b(?:unknown|not known|unclear|uncertain|undetermined)|\bunknown (?:system )?(?:status|state|fate|result|outcome|error|failure|reason|exception|response)|\b(?:may|might|could) (?:already )?have\b|uncertain|\bunsure|not sure|unconfirmed|\bperhaps|\bmaybe\b|\bcheck (?:the |your |its |this )?(?:order|status|open)|must be (?:check|verif|confirm|quer)|is (?:being )?process|in progress|(?:fail|unable|could ?n[o']t|cannot|error)\w* ?(?:to|in|while|when)? (?:get|fetch|quer|load|read|reach|send|writ|receiv|recv|obtain|retriev|call|request|communicat|establish|complet)`,
  // The first copy may stand.
  String.raw`duplicat|\brepeat|\balready\b|\bnot unique|\bnonce|\b(?:was|been|is) (?:re)?used\b|\bin use\b|\bsame (?:client|order|cl)\b`,
  // A status of 5xx, as opposed to an amount: "insufficient balance: 54002.5 USDT" is definite.
  String.raw`^\W*5\d\d\b(?!\.\d)|\b(?:https?|http\/[\d.]+|status|code|error|errno|err|returned|answered|got|received)\b\D{0,12}\b5\d\d\b(?!\.\d)|\b5\d\d\W{1,2}(?:internal|bad|service|gateway|server|error|origin|web)|[([<]\s*5\d\d\s*[)\]>]`,
  String.raw`超时|系统|服务|网络|网路|连接|连线|链接|断开|断线|中断|内部|异常|繁忙|忙碌|未知(?!的?(?:交易对|币对|币种|合约|品种|标的))|不明|不确定|重复|已存在|已经存在|已提交|已使用|网关|上游|后端|维护|处理中|响应|应答|不可用|宕机|崩溃|解析|确认.{0,6}(?:订单|状态)|查询.{0,8}失败|获取.{0,8}失败|请求失败`,
])

const url = /\b(?:https?|wss?):\/\/[^\s"'<>)\]]+/gi

/**
 * Lower case, plain words: identifiers and codes are split at case, `_` and `-`; URLs are dropped.
 */
export const normalized = (words: string): string =>
  words
    .normalize('NFKC')
    .replace(url, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[’`]/g, "'")
    .replace(/(?<=[a-z\d])[_-]+(?=[a-z])/g, ' ')
    .replace(/(?<=[a-z])[_-]+(?=\d)/g, ' ')

const clause = /[;!?()[\]{}\n\r|。、，]+|[.:,](?=\D|$)/

/** True if the text names a business reason. */
export const namesReason = (text: string): boolean =>
  text
    .split(clause)
    .map((part) => part.trim())
    .some((part) => isReason.test(part) || (isNoun.test(part) && isDefect.test(part)))

/** True if the text speaks of transport, a server error, a duplicate or a fault of a program. */
export const speaksOfDoubt = (text: string): boolean => isDoubtful.test(text)
