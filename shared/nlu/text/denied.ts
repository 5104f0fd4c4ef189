/** What is not wanted, up to the end of its clause, where words follow with which people go on to what they want. */
const CHINESE =
  /^((?:我|我们|那|先|嗯|哦|算了)?[，,\s]{0,2})(?:不用|不要|不想|不需要|别|別|甭)[^，,。.！!？?；;\s]{2,20}[，,。.！!；;\s]+(?=我?(?:直接|只要|还是|還是|改|换|換|帮|幫|给|給|要|想|查|麻烦|麻煩))/u;
const ENGLISH =
  /^(?:i (?:don['’]?t|do not) (?:want|need)|(?:please )?(?:don['’]?t|do not) (?:cancel|change|send|refund|exchange|block|close|return|stop)|not (?:a|an|the)|no (?:\w+ ){1,3}please) ?[^,.;!?]{0,40}[,.;!]+ *(?:but )?(?=(?:just|only|rather|instead|i (?:just |only )?(?:want|need)|i['’]d|give|please)\b)/iu;
/** What is left has to say something. */
const LEAST = 3;

/**
 * An utterance without a first clause that says what is not wanted, where another one goes on with what is: of 不用换货了，
 * 直接退钱吧, the end. Anything else stays as it is. Narrow on purpose, since "I don't live in the UK. Can I get a card?"
 * means all of it; bounded in time.
 */
export function withoutDenied(text: string): string {
  const left = text.replace(CHINESE, '$1').replace(ENGLISH, '');
  return left.length < LEAST ? text : left;
}
