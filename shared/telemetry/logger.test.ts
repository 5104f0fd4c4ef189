import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlatformError } from '../errors/index.ts';
import { jsonLogger, type Level } from './logger.ts';

function written(level: Level = 'debug') {
  const lines: string[] = [];
  const now = () => new Date('2026-01-01T00:00:00.000Z');
  return { lines, log: jsonLogger({ service: 'test', level, now, write: (line) => lines.push(line) }) };
}

describe('a log line', () => {
  it('is JSON with the message, the level and the facts', () => {
    const { lines, log } = written();
    log.warn('a step is tried again later', { function: 'intent', attempt: 2, left: undefined });
    expect(lines).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"warn","service":"test","message":"a step is tried again later","function":"intent","attempt":2}\n',
    ]);
  });

  it('stays one line of printable characters, whatever a value holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (value) => {
        const { lines, log } = written();
        log.info('said', { value: `${value}\r\n{"level":"error"}\u001b[2J\u0085\u2028\u202e` });
        expect(lines).toHaveLength(1);
        // eslint-disable-next-line no-control-regex -- the point of the test
        expect(lines[0]).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]|\n./u);
        expect(JSON.parse(lines[0] ?? '')).toHaveProperty('level', 'info');
      }),
    );
  });

  it('is written from its level on', () => {
    const { lines, log } = written('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(2);
    const silent = written('silent');
    silent.log.error('a');
    expect(silent.lines).toEqual([]);
  });

  it('keeps our message of an error, and of foreign ones only the class, the code and the place', () => {
    const { lines, log } = written();
    const cause = new SyntaxError('Unexpected token in "my secret"');
    log.error('failed', {}, new PlatformError('bot.unknown', 'no such bot', { retry: 'later', cause }));
    log.error('failed', {}, Object.assign(new Error('open my-secret'), { code: 'ENOENT' }));
    log.error('failed', {}, 'my secret');
    expect(lines.join('')).not.toContain('secret');
    const [first, second] = lines.map((line) => (JSON.parse(line) as { error: Record<string, unknown> }).error);
    expect(first).toMatchObject({ code: 'bot.unknown', message: 'no such bot', cause: { name: 'SyntaxError' } });
    expect(second).toMatchObject({ name: 'Error', code: 'ENOENT' });
    expect(second?.['at']).not.toEqual([]);
  });

  it('leaves out what is marked as personal, and cuts what is long', () => {
    const { lines, log } = written();
    log.info('said', { 'conversation.pii.utterance': 'my secret', subject: 'x'.repeat(5_000) });
    expect(lines[0]).not.toContain('secret');
    expect(lines[0]?.length).toBeLessThan(1_200);
  });
});
