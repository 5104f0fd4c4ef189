import type { BotIssue } from '../../../shared/bot/error.ts';
import type { Path } from '../../../shared/bot/source.ts';
import type { Found } from './project.ts';

/** What an import did that its author should know: what was changed, and what does not come along. */
export interface Notes {
  readonly all: readonly BotIssue[];
  /** At a piece of the project; `inside` leads further into it. */
  readonly note: (at: Found, message: string, more?: { readonly hint?: string; readonly inside?: Path }) => void;
}

/** Gathers notes. The same one at the same place is said once. */
export function notes(): Notes {
  const all = new Map<string, BotIssue>();
  return {
    get all() {
      return [...all.values()];
    },
    note({ file, path }, message, { hint, inside = [] } = {}) {
      const issue = file.source.issue([...path, ...inside], message, hint === undefined ? {} : { hint });
      all.set(JSON.stringify(issue), issue);
    },
  };
}
