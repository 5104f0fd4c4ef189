import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import type { Recorded } from '../../events/envelope.ts';
import { asking } from '../../shared/nlu/entities/testing.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { incoming, newSession, saying } from '../../shared/testing/rig.ts';
import { entity } from './handler.ts';
import { entityPorts } from './model.ts';

const LATER = new Date('2031-01-01T00:00:00Z');

/** What the function says about an utterance, whenever it is asked. */
async function extracted(
  text: string,
  { bot = testBot, ...more }: { bot?: Bot; timezone?: string; payload?: string; time?: string; id?: EventId } = {},
) {
  const { time = '2026-11-20T20:00:00.000Z', ...said } = more;
  const draft = saying(text, 'zh');
  const envelope = incoming(newSession(), utteranceReceived({ ...draft.data, ...said }), { time });
  const event = { ...envelope, position: 1 } as unknown as Recorded<typeof utteranceReceived>;
  const ports = entityPorts(() => Promise.resolve(bot));
  const [result] = await entity.handle(event, { now: LATER, ports, signal: new AbortController().signal });
  if (!result) throw new Error('nothing was said about the utterance');
  return result;
}

describe('the function entity', () => {
  it('finds what the bot describes, counted in code points', async () => {
    const { type, revision, data } = await extracted('😀 TS12345678');
    expect({ type, revision }).toEqual({ type: 'entities.extracted', revision: 2 });
    expect(data.entities).toEqual([{ entity: 'order_number', value: 'TS12345678', start: 2, end: 12 }]);
  });

  it('says so where there is nothing', async () => {
    expect((await extracted('你好')).data.entities).toEqual([]);
  });

  it('goes by the time of the utterance in the time zone of the session, not by any clock', async () => {
    const bot = asking('date');
    const at = async (timezone: string) => (await extracted('明天', { bot, timezone })).data.entities[0]?.normalised;
    expect(await at('Asia/Shanghai')).toBe('2026-11-22');
    expect(await at('America/New_York')).toBe('2026-11-21');
    expect(await at('Not/AZone')).toBe('2026-11-21');
  });

  it('marks what tells who somebody is', async () => {
    const { data } = await extracted('打13812345678，退我98块5', { bot: asking('phone', 'money') });
    expect(data.entities).toEqual([
      {
        entity: 'phone',
        value: '13812345678',
        start: 1,
        end: 12,
        dimension: 'phone',
        normalised: '+8613812345678',
        personal: true,
      },
      { entity: 'money', value: '98块5', start: 15, end: 19, dimension: 'money', normalised: 'CNY 98.5' },
    ]);
  });

  it('loads nothing of what learns entities for a bot that learns none', async () => {
    const watched = `
      const { registerHooks } = await import('node:module');
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { turnPorts } = await import('./functions/turn/ports.ts');
      const { entityPorts } = await import('./functions/entity/model.ts');
      const { testBot } = await import('./shared/testing/bot.ts');
      await entityPorts(async () => testBot).entitiesOf(testBot.hash);
      console.log(JSON.stringify(loaded.concat(typeof turnPorts)));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', watched]);
    const loaded = JSON.parse(stdout) as readonly string[];
    expect(loaded.some((url) => url.endsWith('/shared/nlu/entities/extractor.ts'))).toBe(true);
    expect(loaded.filter((url) => /nlu\/tagger|entity\/learned|models\/tagged/u.test(url))).toEqual([]);
  });

  it('takes the values of a pressed button first', async () => {
    const { data } = await extracted('TS12345678', { payload: '/track_parcel{"order_number":"TS1"}' });
    expect(data.entities.map(({ value }) => value)).toEqual(['TS1', 'TS12345678']);
    expect((await extracted('ok', { payload: '/track_parcel{not json}' })).data.entities).toEqual([]);
  });
});
