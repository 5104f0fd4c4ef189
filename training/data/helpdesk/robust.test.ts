import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrainingData } from '../../../shared/nlu/data/read.ts';
import { linearScorer, trainLinear } from '../../../shared/nlu/linear/train.ts';
import { withoutDenied } from '../../../shared/nlu/text/denied.ts';

// How the model of a bot that has learned this set, in both languages at once, takes what no example looks like. These
// sentences were written without looking at its answers, and nothing is tuned on them.

const { examples } = await readTrainingData([join(import.meta.dirname, 'zh'), join(import.meta.dirname, 'en')]);
const intents = [...new Set(examples.map(({ intent }) => intent))];
const score = linearScorer(
  trainLinear(
    examples.map(({ text, intent }) => ({ text, label: intents.indexOf(intent) })),
    intents.length,
    { seed: 1 },
  ),
);

/** The likeliest intents of a text, best first. */
function ranked(text: string, most: number): readonly string[] {
  const { scores } = score(withoutDenied(text));
  const order = intents.map((name, i) => ({ name, score: scores[i] ?? 0 })).toSorted((a, b) => b.score - a.score);
  return order.slice(0, most).map(({ name }) => name);
}

interface Kind {
  readonly kind: string;
  /** So many of them are understood, at least. */
  readonly atLeast: number;
  /** The intent is among the likeliest; two intents: both are among the three likeliest. */
  readonly says: readonly (readonly [text: string, ...intents: string[]])[];
}

const KINDS: readonly Kind[] = [
  {
    kind: 'pinyin neighbours',
    atLeast: 10,
    says: [
      ['我的包果到哪了', 'parcel_track'],
      ['快第怎么还没送到', 'parcel_late'],
      ['我要推货退钱', 'return_request'],
      ['帮我取肖订单', 'order_cancel'],
      ['开张发飘', 'invoice_request'],
      ['银行卡调了，帮我挂失', 'card_lost'],
      ['想改一下收货地直', 'address_change'],
      ['优惠卷用不了', 'coupon_problem'],
      ['流量还生多少', 'data_remaining'],
      ['转人公', 'human_request'],
    ],
  },
  {
    kind: 'keyboard neighbours',
    atLeast: 9,
    says: [
      ['where is my parcwl', 'parcel_track'],
      ['i want to cancle my ordrr', 'order_cancel'],
      ['my card was stolwn please blokc it', 'card_lost'],
      ['i forgto my pin', 'pin_forgotten'],
      ['teh internet is verry slow', 'network_problem'],
      ['i need an invioce', 'invoice_request'],
      ['tlak to a human plz', 'human_request'],
      ['whats my acount balnace', 'balance_query'],
      ['do you ahve this in stcok', 'product_availability'],
      ['whne will my refudn arrive', 'refund_status'],
    ],
  },
  {
    kind: 'other characters, emoji, filler, two languages',
    atLeast: 8,
    says: [
      ['我的包裹現在到哪裡了', 'parcel_track'],
      ['我要開發票', 'invoice_request'],
      ['ｗｈｅｒｅ　ｉｓ　ｍｙ　ｐａｒｃｅｌ', 'parcel_track'],
      ['😭😭😭 包裹破了 📦💥', 'parcel_damaged'],
      ['您好打扰一下哈，那个，我想问问，就是，余额还有多少呀，谢谢啦', 'balance_query'],
      ['hi there, sorry to bother you, could you maybe tell me where my parcel is? thanks so much!', 'parcel_track'],
      ['帮我 cancel 一下这个 order', 'order_cancel'],
      ['我的 package 到哪了', 'parcel_track'],
      ['can you 退款 me please', 'return_request'],
      ['sim 卡 lost 了，补一张', 'sim_replace'],
    ],
  },
  {
    kind: 'negation',
    atLeast: 8,
    says: [
      ['不用换货了，直接退钱吧', 'return_request'],
      ['不要退款，给我换一个新的', 'exchange_request'],
      ['别取消订单，改个地址就行', 'address_change'],
      ['不想换套餐了，直接销户', 'service_cancel'],
      ['不需要发票，帮我查下快递到哪了', 'parcel_track'],
      ["don't cancel the order, just change the size", 'order_change'],
      ["I don't want a refund, I want to swap it for a bigger one", 'exchange_request'],
      ['no exchange please, just give me my money back', 'return_request'],
      ['not the balance, I need a statement', 'statement_request'],
      ["I don't need a new plan, just more data", 'data_topup'],
    ],
  },
  {
    kind: 'two intents',
    atLeast: 8,
    says: [
      ['查下我的包裹到哪了，顺便帮我开张发票', 'parcel_track', 'invoice_request'],
      ['我要改收货地址，另外运费多少钱', 'address_change', 'shipping_cost'],
      ['卡丢了要挂失，还想查一下余额', 'card_lost', 'balance_query'],
      ['流量还剩多少，怎么换个套餐', 'data_remaining', 'plan_change'],
      ['where is my parcel and can I get an invoice', 'parcel_track', 'invoice_request'],
      ['cancel my order and tell me when the refund comes', 'order_cancel', 'refund_status'],
      ['I lost my card and I also want to know my balance', 'card_lost', 'balance_query'],
      ['what does roaming cost and how much data is left', 'roaming', 'data_remaining'],
    ],
  },
];

describe.each(KINDS)('what the helpdesk model makes of $kind', ({ says, atLeast }) => {
  const wrong = says.flatMap(([text, ...wanted]) => {
    const found = ranked(text, wanted.length === 1 ? 1 : 3);
    return wanted.every((intent) => found.includes(intent)) ? [] : [`${text}: ${found.join(', ')}`];
  });

  it(`is right for ${atLeast} of ${says.length} at least`, () => {
    expect(says.length - wrong.length, wrong.join('\n')).toBeGreaterThanOrEqual(atLeast);
  });
});
