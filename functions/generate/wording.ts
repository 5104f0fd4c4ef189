/** What no business says to a customer. */
export const INSULTS: readonly string[] = [
  ...[
    'idiot',
    'stupid',
    'moron',
    'dumb',
    'shut up',
    'fuck',
    'fucking',
    'shit',
    'bitch',
    'asshole',
    'damn you',
    'loser',
  ],
  ...[
    '傻逼',
    '傻瓜',
    '傻子',
    '白痴',
    '笨蛋',
    '蠢货',
    '弱智',
    '智障',
    '他妈的',
    '妈的',
    '滚蛋',
    '滚开',
    '闭嘴',
    '去死',
    '废物',
    '神经病',
  ],
];

const DONE_EN =
  'refunded|cancell?ed|booked|ordered|shipped|sent|transferred|paid|issued|credited|charged|changed|updated|deleted|removed|blocked|unblocked|unlocked|closed|opened|created|activated|deactivated|reset|verified|approved|processed|initiated|submitted|scheduled|arranged|upgraded|replaced|applied|granted|registered|forwarded|escalated';
const DO_EN =
  'refund|cancel|book|order|ship|send|transfer|pay|issue|credit|charge|change|update|delete|remove|block|unblock|unlock|close|open|create|activate|deactivate|reset|verify|approve|process|initiate|submit|schedule|arrange|upgrade|replace|apply|grant|register|forward|escalate|connect|call';
const DO_ZH =
  '退款|退货|退回|取消|下单|预订|发货|寄出|寄送|发送|转账|汇款|付款|支付|开具|开票|补发|赔付|赔偿|扣款|修改|更改|更新|删除|移除|冻结|解冻|锁定|解锁|挂失|关闭|开通|激活|重置|审核通过|核实|批准|处理|办理|提交|安排|升级|更换|换货|登记|转接|催促|催单|补偿|退还|减免|申请|通知|联系';

/**
 * Sentences that say that something was done, or will be done by whoever speaks. Only an action's result says so, and it
 * is put into words by the bot's own responses. Matched against lower case.
 */
export const ACTION_CLAIMS: readonly RegExp[] = [
  new RegExp(
    `\\b(?:i|we)(?:['’](?:ve|m|re|ll|d)| have| had| am| are| will| shall| can)?(?: (?:just|now|already|also|gladly|successfully|immediately|then|going to|go ahead and)){0,3} (?:${DONE_EN}|${DO_EN}|${ing()})\\b`,
    'gu',
  ),
  new RegExp(
    `\\b(?:has|have|was|were|is|are)(?: (?:now|just|already|been|being|successfully|hereby)){1,3} (?:${DONE_EN})\\b`,
    'gu',
  ),
  /\b(?:let me|allow me to)\b(?! know)|\b(?:i['’]ll|i will|i am going to|i['’]m going to)\b/gu,
  new RegExp(
    `(?:我|我们|这边|小助手)?(?:会|将|来|可以|能|先|现在|马上|立即|这就|已经|已|刚刚|正在|就){0,3}(?:为|帮|给|替)(?:您|你)[^，。！？\\n]{0,8}(?:${DO_ZH})`,
    'gu',
  ),
  new RegExp(`(?:我|我们|这边)(?:已经|已|刚刚|正在|马上|立即|这就|现在就)[^，。！？\\n]{0,8}(?:${DO_ZH})`, 'gu'),
  new RegExp(`(?:您|你)的[^，。！？\\n]{0,12}(?:已经|已|正在|马上)(?:被|成功)?(?:${DO_ZH})`, 'gu'),
  new RegExp(`(?:${DO_ZH})(?:申请)?(?:成功了|已完成|已经完成|完成了|好了)`, 'gu'),
];

function ing(): string {
  return 'refunding|cancell?ing|booking|ordering|shipping|sending|transferring|paying|issuing|changing|updating|deleting|blocking|unblocking|closing|processing|initiating|submitting|arranging|replacing|forwarding';
}
