import { describe, expect, it } from 'vitest';
import { inspectBot } from './assemble.ts';
import { describeIssue } from './error.ts';
import { FILES, textsOf } from './little-bot.ts';

const warningsOf = (settings: string) =>
  inspectBot(textsOf({ bot: `${FILES.bot}${settings}` })).warnings.map(describeIssue);

describe('a bot that asks a model where it is unsure', () => {
  it('is warned, with a hint, where nothing says when it is unsure', () => {
    const [warning, ...others] = warningsOf('unsure: model\n');
    expect(warning).toMatch(/^bot\.yml:\d+:1 unsure does nothing without clarify_within \(add clarify_within: 0\.1/u);
    expect(others).toEqual(warningsOf(''));
  });

  it.each(['unsure: model\nclarify_within: 0.1\n', 'unsure: ask\n', ''])('is not warned over %j', (settings) => {
    expect(warningsOf(settings).join()).not.toContain('unsure');
  });
});
