import { approximately, shifted, times, written } from './decimal.ts';
import { quantitiesIn, type Quantity } from './quantities.ts';
import type { Finding, Reading } from './reading.ts';

/** What is counted: before one of these, even a single Chinese digit is a number. */
const MEASURE =
  /^(?:个(?!性|人(?!$|[，。！？,.!?])|别)|件|双|条|张|只|块|天|次|台|部|本|套|包|箱|盒|瓶|支|把|份|斤|公斤|克|米|厘米|楼|岁|人|位|元|折|倍|颗|袋|罐|桶|间|年|月|周|小时|分钟|万|千|百)/;
/** Words that only look like numbers. */
const NO_NUMBER =
  /^(?:一(?:下|些|点(?!\d)|直|样|起|定|般|会|旦|共|边|切|律|致|并|向|时|再|个劲|路|次性)|十分(?!钟|之)|万一|千万|三方|四处|七上八下)/;
const BEFORE_ONE =
  /(?:the|this|that|another|which|each|every|no|any|some|new|old|other|wrong|right|first|last|next|only|good|better|big|small|same|different|black|white|red|blue|green|yellow)\s$/;
const AFTER_ONE = /^\s(?:of|is|was|that|which|i|who|to|for|in|on|and|or|has|with|from|can|does|else|another|at|by)\b/;

/** Cardinal numbers, in plain decimal notation; digits that were spelled one by one stay as they are (`0477`). */
export function numbers(reading: Reading): readonly Finding[] {
  return quantitiesIn(reading).flatMap((quantity): readonly Finding[] => {
    if (!isNumber(quantity, reading.plain)) return [];
    const { start, end, value, spelled } = quantity;
    return [{ start, end, normalised: spelled ?? written(value) }];
  });
}

function isNumber({ start, end, script, spelled, value }: Quantity, text: string): boolean {
  const before = text.slice(Math.max(0, start - 12), start);
  const after = text.slice(end, end + 12);
  switch (script) {
    case 'western':
      return !/第$/.test(before) && !/^(?:st|nd|rd|th)(?![a-z])/.test(after);
    case 'en':
      if (end - start > 3 || text.slice(start, end) !== 'one') return true;
      return text.trim() === 'one' || (!BEFORE_ONE.test(before) && after.trim() !== '' && !AFTER_ONE.test(after));
    case 'zh': {
      if (/[第周期拜]$/.test(before) || NO_NUMBER.test(text.slice(start, start + 4))) return false;
      const length = end - start;
      // 三四天 is three or four days; 一九九八 is a number.
      if (spelled !== undefined) return length > 2 || /[零〇幺]/.test(text.slice(start, end));
      if (length > 1) return true;
      return approximately(value) === 0 ? false : MEASURE.test(after) || text.trim().length === 1;
    }
  }
}

const PER = /(?:百分之|千分之|万分之)$/;
const PERCENT = /^ ?(?:%|percent(?![a-z])|per cent(?![a-z])|pct(?![a-z])|个百分点)/;
const TENTHS = /^成(?=$|[，。！？,.!?\s的以左多]|新)/;

/** Shares, as decimal fractions: 20 % is `0.2`. */
export function percentages(reading: Reading): readonly Finding[] {
  if (!/%|百分|千分|万分|成|cent|pct/.test(reading.plain)) return [];
  const text = reading.plain;
  return quantitiesIn(reading).flatMap(({ start, end, value, script }): readonly Finding[] => {
    const per = PER.exec(text.slice(Math.max(0, start - 3), start))?.[0];
    if (per) {
      const places = per.startsWith('百') ? -2 : per.startsWith('千') ? -3 : -4;
      return [{ start: start - per.length, end, normalised: written(shifted(value, places)) }];
    }
    const sign = PERCENT.exec(text.slice(end, end + 10))?.[0];
    if (sign) return [{ start, end: end + sign.length, normalised: written(shifted(value, -2)) }];
    if (script !== 'zh' || !TENTHS.test(text.slice(end, end + 2)) || approximately(value) > 10) return [];
    return [{ start, end: end + 1, normalised: written(times(shifted(value, -1), 1n)) }];
  });
}
