import { beforeAll, describe, expect, it } from 'vitest';
import { groupsOf } from '../../functions/index.ts';
import { policy } from '../../functions/policy/handler.ts';
import type { Stored } from '../log/log.ts';
import { memoryLog } from '../log/memory.ts';
import { runGroup } from '../runtime/chain.ts';
import { testBot } from '../testing/bot.ts';
import { incoming, newSession, opening, saying, testHost } from '../testing/rig.ts';
import { botsIn, replaySession } from './replay.ts';
import { contradictions, type Story, type ToldTurn } from './story.ts';

async function history(texts: readonly string[]): Promise<readonly Stored[]> {
  const log = memoryLog();
  const host = testHost(log);
  const ref = newSession();
  await host.tail.append(incoming(ref, opening()));
  for (const text of texts) {
    const placed = await host.tail.append(incoming(ref, saying(text)));
    if (placed.kind === 'duplicate') throw new Error('a new id is known');
    for (const group of groupsOf('chained')) {
      await runGroup(group, { stored: placed.stored, attempt: 1 }, host, new AbortController().signal);
    }
  }
  return log.all;
}

const options = { decider: policy, botOf: (hash: string) => (hash === testBot.hash ? testBot : undefined) };
const turnsOf = (story: Story): readonly ToldTurn[] => story.chapters.filter((c) => c.kind === 'turn');
const decisionsOf = (story: Story) => turnsOf(story).flatMap((t) => t.decisions);
/** Changes the data of the n-th event of a type. */
const changed = (events: readonly Stored[], type: string, nth: number, over: (data: never) => object) => {
  const position = events.filter((s) => s.envelope.type === type).at(nth)?.position;
  return events.map((s) =>
    s.position === position
      ? {
          ...s,
          envelope: { ...s.envelope, data: { ...(s.envelope.data as object), ...over(s.envelope.data as never) } },
        }
      : s,
  );
};

describe('the story of a session', () => {
  let events: readonly Stored[];
  let story: Story;
  beforeAll(async () => {
    events = await history(['where is my parcel', 'TS12345678', 'mumble', 'human']);
    story = replaySession(events, options);
  });

  it('tells each turn from what was said to how it ended', () => {
    expect(story.chapters.map((c) => c.kind)).toEqual(['event', 'turn', 'turn', 'turn', 'turn']);
    expect(turnsOf(story)[0]).toMatchObject({
      said: { text: 'where is my parcel', locale: 'en' },
      recognised: { kind: 'classified', intent: 'track_parcel', confidence: 0.9 },
      entities: [],
      decisions: [{ act: { kind: 'ask', slot: 'order_number' }, why: { rule: 'slot-missing' } }],
      ending: { type: 'turn.replied', messages: [{ text: 'What is your order number?' }] },
    });
    expect(turnsOf(story)[2]).toMatchObject({ recognised: { kind: 'not-recognised' } });
    expect(turnsOf(story)[3]).toMatchObject({ ending: { type: 'turn.handed-off' } });
  });

  it('shows what each decision changed', () => {
    const [asked, answered] = decisionsOf(story);
    const paths = asked?.changes.map((c) => c.path);
    expect(paths).toContain('asking');
    expect(answered?.changes).toContainEqual({ path: 'slots.order_number', after: 'TS12345678' });
    expect(answered?.changes).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ path: 'asking', after: null })]) as object,
    );
    expect(answered?.before.slots).toEqual({});
    expect(answered?.after.slots).toEqual({ order_number: 'TS12345678' });
  });

  it('decides the same again, on states with the stored hashes', () => {
    expect(decisionsOf(story)).toHaveLength(4);
    for (const { again, hash } of decisionsOf(story)) {
      expect(again).toEqual({ kind: 'same' });
      expect(hash.folded).toBe(hash.stored);
    }
    expect(contradictions(story)).toEqual([]);
  });

  it('says how long after its cause each step came', () => {
    expect(turnsOf(story)[0]?.steps.map((s) => [s.type, s.afterMs])).toEqual([
      ['utterance.received', undefined],
      ['intent.classified', 0],
      ['entities.extracted', 0],
      ['policy.decided', 0],
      ['turn.replied', 0],
    ]);
  });

  it('names the bots that it needs', () => {
    expect(botsIn(events)).toEqual([testBot.hash]);
  });

  it('decides differently where the bot would, and says in what', () => {
    const other = {
      ...testBot,
      flows: testBot.flows.map((f) => ({ ...f, steps: f.steps.filter(({ kind }) => kind !== 'collect') })),
    };
    const [asked] = decisionsOf(replaySession(events, { ...options, botOf: () => other }));
    expect(asked?.again).toMatchObject({
      kind: 'differs',
      differences: expect.arrayContaining([
        { path: 'data.act.kind', before: 'ask', after: 'respond' },
        { path: 'data.why.rule', before: 'slot-missing', after: 'flow' },
      ]) as object,
    });
  });

  it('does not pretend to know what a lost bot would have decided', () => {
    const told = replaySession(events, { ...options, botOf: () => undefined });
    expect(decisionsOf(told)[0]?.again).toMatchObject({ kind: 'unknown' });
    expect(contradictions(told)).toEqual([]);
  });

  it('contradicts a decision that was changed', () => {
    const tampered = changed(events, 'policy.decided', 1, ({ why }: { why: object }) => ({
      why: { ...why, rule: 'planted' },
    }));
    expect(contradictions(replaySession(tampered, options))).toHaveLength(1);
  });

  it('contradicts a past that was changed', () => {
    const tampered = changed(events, 'entities.extracted', 1, () => ({ entities: [] }));
    const found = contradictions(replaySession(tampered, options));
    expect(found.some(({ hash }) => hash.folded !== hash.stored)).toBe(true);
  });

  it('goes on from the first stored state where the beginning was purged', () => {
    const late = events.filter((s) => s.position > (decisionsOf(story)[0]?.position ?? 0) - 1);
    const told = replaySession(late, options);
    expect(decisionsOf(told)[0]?.hash.folded).toBeUndefined();
    expect(decisionsOf(told)[1]?.hash.folded).toBe(decisionsOf(told)[1]?.hash.stored);
    expect(decisionsOf(told).every(({ again }) => again.kind === 'same')).toBe(true);
  });
});
