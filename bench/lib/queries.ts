/** What is said in the load benches: a conversation that goes on for ever, in two languages, as the demo bot knows it. */
export const QUERIES = [
  'where is my parcel',
  'TS12345678',
  '我想退货',
  '你好',
  'what are your opening hours',
  '我的包裹到哪了',
  '订单号是 TS87654321',
  'can I have an invoice please',
] as const;
