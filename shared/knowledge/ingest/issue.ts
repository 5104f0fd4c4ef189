/** What is wrong with a file of articles, and where, counted from 1. */
export interface ArticleIssue {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** An issue as one line: `file:line: what is wrong`. */
export const issueText = ({ file, line, message }: ArticleIssue): string => `${file}:${line}: ${message}`;
