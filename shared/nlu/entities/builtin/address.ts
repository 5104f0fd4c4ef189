import { findings, type Finding, type Reading } from './reading.ts';

const HAN = '[\\p{Script=Han}a-z0-9]';
const MUNICIPALITY = '北京|上海|天津|重庆';
const PROVINCE =
  '河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆';
/** Words that stand before an address and belong to none of its names. */
const NAME = '(?:(?![省市区县镇乡路街道巷弄号寄送发到在是改成的我你他她住去从往给和，。])\\p{Script=Han})';
const AREA =
  `(?:(?:${PROVINCE})(?:省|自治区|壮族自治区|回族自治区|维吾尔自治区)?|(?:${MUNICIPALITY})市?|${NAME}{2,5}[市州盟])?` +
  `(?:${NAME}{2,6}(?:市|自治州|地区))?(?:${NAME}{1,6}(?:新区|开发区|[区县旗]))?(?:${NAME}{1,6}(?:街道|[镇乡]))?`;
const ROAD = `(?:${NAME}{1,8}(?:大道|大街|公路|胡同|[路街巷弄道])(?:[东西南北中]段|${NAME}{0,3}[巷弄])?)`;
const NUMBER = '(?:第?[\\d一二三四五六七八九十百甲乙]{1,6}(?:-\\d{1,4})?(?:号院|号楼|号|弄|栋|幢))';
const INSIDE = `(?:${HAN}{1,14}?(?:小区|花园|大厦|广场|公寓|家园|苑|城|中心|村|园))?(?:[\\da-z一二三四五六七八九十]{1,4}(?:号楼|栋|幢|座|单元|层|楼|号院)){0,3}(?:[\\da-z一二三四五六七八九十]{1,6}(?:室|号|房|户))?`;
const CHINESE = new RegExp(
  `${AREA}${ROAD}${NUMBER}${INSIDE}|${AREA}${ROAD}(?:${NUMBER})?${HAN}{0,14}?(?:小区|花园|大厦|公寓|家园)${INSIDE}`,
  'gu',
);
const CHINESE_AREA = new RegExp(
  `(?:(?:${PROVINCE})(?:省|自治区)?${NAME}{2,5}市|(?:${MUNICIPALITY})市?)${NAME}{1,5}[区县](?:${NAME}{1,6}(?:街道|[镇乡]))?`,
  'gu',
);

const KIND =
  'street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|place|pl|terrace|way|close|crescent|highway|hwy|parkway|pkwy';
const WORD = "(?:[a-z][a-z'-]{0,20}|\\d{1,3}(?:st|nd|rd|th))\\.?";
const ENGLISH = new RegExp(
  `(?<![a-z0-9.,-])\\d{1,5}[a-z]?(?:-\\d{1,4})? (?:(?:north|south|east|west|[nsew])\\.? )?(?:${WORD} ){1,4}?(?:${KIND})(?![a-z])\\.?` +
    `(?:,? (?:apt|apartment|unit|suite|ste|flat|floor|room|#)\\.? ?#?[a-z0-9-]{1,6}(?![a-z0-9]))?` +
    `(?:, (?:[a-z][a-z'-]{1,20}(?: [a-z][a-z'-]{1,20}){0,2}))?(?:, (?:[a-z]{2}|[a-z]{4,20})(?: \\d{5}(?:-\\d{4})?)?(?![a-z0-9]))?(?:,? (?:[a-z]{1,2}\\d[a-z\\d]? \\d[a-z]{2}|\\d{5})(?![a-z0-9]))?`,
  'gu',
);

/** Street addresses, with single spaces. What stands before a street with a number belongs to them, a city alone does not. */
export function addresses({ plain, text, hasChinese, hasDigit }: Reading): readonly Finding[] {
  const found: Finding[] = [];
  const add = (expression: RegExp): void => {
    for (const { start, end } of findings(plain, expression, () => '')) {
      const kept = text.slice(start, end).trim();
      found.push({ start, end, normalised: kept.replace(/\s{1,20}/gu, ' ') });
    }
  };
  if (/[路街巷弄道]|胡同/.test(plain)) add(CHINESE);
  if (/[区县]/.test(plain)) add(CHINESE_AREA);
  if (hasDigit && /\d[a-z]? [a-z0-9]/.test(plain)) add(ENGLISH);
  return hasChinese || hasDigit ? found : [];
}
