/** What an amount is counted in, by how it is written or called. Lower case, simplified. */
export const NAMED: Readonly<Record<string, string>> = {
  块钱: 'yuan',
  块: 'yuan',
  元: 'yuan',
  圆: 'yuan',
  yuan: 'yuan',
  '¥': 'yen-sign',
  人民币: 'CNY',
  rmb: 'CNY',
  cny: 'CNY',
  $: 'dollar',
  dollar: 'dollar',
  dollars: 'dollar',
  buck: 'dollar',
  bucks: 'dollar',
  us$: 'USD',
  usd: 'USD',
  美元: 'USD',
  美金: 'USD',
  美刀: 'USD',
  刀: 'USD',
  '€': 'EUR',
  eur: 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  欧元: 'EUR',
  '£': 'GBP',
  gbp: 'GBP',
  pound: 'GBP',
  pounds: 'GBP',
  quid: 'GBP',
  英镑: 'GBP',
  jpy: 'JPY',
  yen: 'JPY',
  日元: 'JPY',
  日圆: 'JPY',
  hk$: 'HKD',
  hkd: 'HKD',
  港币: 'HKD',
  港元: 'HKD',
  港纸: 'HKD',
  nt$: 'TWD',
  ntd: 'TWD',
  twd: 'TWD',
  新台币: 'TWD',
  台币: 'TWD',
  sgd: 'SGD',
  s$: 'SGD',
  新币: 'SGD',
  新加坡元: 'SGD',
  aud: 'AUD',
  a$: 'AUD',
  澳元: 'AUD',
  澳币: 'AUD',
  cad: 'CAD',
  c$: 'CAD',
  加元: 'CAD',
  加币: 'CAD',
  chf: 'CHF',
  瑞士法郎: 'CHF',
  瑞郎: 'CHF',
  '₩': 'KRW',
  krw: 'KRW',
  韩元: 'KRW',
  韩币: 'KRW',
  '₹': 'INR',
  inr: 'INR',
  rupee: 'INR',
  rupees: 'INR',
  卢比: 'INR',
  thb: 'THB',
  泰铢: 'THB',
  卢布: 'RUB',
  rub: 'RUB',
};

const DOLLARS: Readonly<Record<string, string>> = {
  AU: 'AUD',
  CA: 'CAD',
  HK: 'HKD',
  NZ: 'NZD',
  SG: 'SGD',
  TW: 'TWD',
};
const YUAN: Readonly<Record<string, string>> = { HK: 'HKD', MO: 'MOP', TW: 'TWD' };

/** The ISO 4217 code. What 元 and $ are depends on where they are said: the region of the locale, else China and the United States. */
export function currencyOf(name: string, locale: string): string | undefined {
  const called = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  const region = /-([A-Z]{2})\b/.exec(locale)?.[1] ?? '';
  switch (called) {
    case 'dollar':
      return DOLLARS[region] ?? 'USD';
    case 'yuan':
      return YUAN[region] ?? 'CNY';
    case 'yen-sign':
      return locale.startsWith('ja') ? 'JPY' : 'CNY';
    default:
      return called;
  }
}
