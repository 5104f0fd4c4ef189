import { PlatformError } from '../errors/index.ts';

/** One thing that is wrong in a bot's files, and where; lines and columns count from 1. */
export interface BotIssue {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What was probably meant, or what to write instead. */
  readonly hint?: string;
}

/** More lines than this help nobody; the list itself is complete. */
const SHOWN = 20;

/** A bot that cannot be used, with everything that is wrong in it. Its message is written for the bot's author. */
export class BotError extends PlatformError {
  override readonly name = 'BotError';
  readonly issues: readonly BotIssue[];

  constructor(what: string, issues: readonly BotIssue[], options: { cause?: unknown } = {}) {
    const lines = issues.slice(0, SHOWN).map(describeIssue);
    const more = issues.length > SHOWN ? [`and ${issues.length - SHOWN} more`] : [];
    super('bot.invalid', [`${what} is not a valid bot:`, ...lines, ...more].join('\n'), { ...options, retry: 'never' });
    this.issues = issues;
  }
}

/** `file:line:column message (hint)`, the form that editors and terminals turn into a link. */
export function describeIssue({ file, line, column, message, hint }: BotIssue): string {
  return `${file}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
