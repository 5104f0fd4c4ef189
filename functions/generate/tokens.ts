import type { Prompt } from './prompt.ts';

/** What a message costs beside its words. */
const FRAME = 6;

/** About as many tokens as a text has, rather too many: a character of Chinese is one, three letters are one. */
export function tokensIn(text: string): number {
  const wide = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 3);
}

/** About as many as a prompt has. */
export const tokensOf = ({ messages }: Prompt): number =>
  messages.reduce((sum, { content }) => sum + FRAME + tokensIn(content), 0);
