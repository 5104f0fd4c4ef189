import fc from 'fast-check';
import type { Envelope, SessionId, TenantId } from '../../events/envelope.ts';
import { controlRequested } from '../../events/session.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { incoming, opening, saying } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { groupsOf, type Hosting } from '../index.ts';
import type { Store } from './gate.ts';
import { play, sessionOf, type Mutant, type Plan, type Played } from './simulation.ts';
import { transcriptOf } from './transcript.ts';

/** A plan in words: what each customer says, or does as an agent, and on what it is played. */
export interface Story {
  readonly hosting: Hosting;
  readonly store: Store;
  readonly processes: number;
  readonly remembers: boolean;
  readonly talks: readonly (readonly string[])[];
}

const TEXTS = [
  // Small talk, which may interrupt a question and comes back to it.
  'hello',
  'where is my parcel',
  // An answer, or the correction of one.
  'it is TS12345678',
  'TS00000001, my parcel',
  // Two decisions, with a question to the outside world between them.
  'status',
  'status of TS00000002',
  'mumble',
  'human',
  'bye',
];
const COMMANDS = ['take', 'hand-back', 'close'] as const;

const refOf = (i: number): SessionRef => ({
  tenant: `tenant-${i % 2}` as TenantId,
  session: `0000000000000000000000000${i}` as SessionId,
});

function eventOf(ref: SessionRef, said: string, n: number): Envelope {
  const id = incomingId('key', ref.tenant, ref.session, String(n));
  const command = COMMANDS.find((c) => said === `/${c}`);
  return incoming(ref, command ? controlRequested({ command, agent: 'ann' }) : saying(said), { id });
}

/** The plan of a story. */
export const planOf = ({ hosting, talks, ...rest }: Story): Plan => ({
  ...rest,
  groups: groupsOf(hosting),
  conversations: talks.map((texts, i) => {
    const ref = refOf(i);
    const first = incoming(ref, opening(), { id: incomingId('key', ref.tenant, ref.session, 'opening') });
    return [first, ...texts.map((text, n) => eventOf(ref, text, n))];
  }),
});

/** What breaks an invariant, and what the customers were told that they are not told when nothing goes wrong. */
export async function wrongs(story: Story, tape: readonly number[], mutant?: Mutant): Promise<readonly string[]> {
  const expected = await calmTranscripts(story);
  const disturbed = await play(planOf(story), tape, mutant);
  return [
    ...brokenIn(story, disturbed),
    ...expected.flatMap((should, i) => differences(transcriptOf(sessionOf(disturbed, refOf(i))), should)),
  ];
}

/** What is said does not depend on where and how it is run. */
function calmTranscripts({ talks }: Story): Promise<Transcripts> {
  const key = JSON.stringify(talks);
  const known = calm.get(key);
  if (known) return known;
  const story: Story = { hosting: 'chained', store: 'single', processes: 1, remembers: true, talks };
  const played = play(planOf(story), []).then((p) => talks.map((_, i) => transcriptOf(sessionOf(p, refOf(i)))));
  calm.set(key, played);
  return played;
}
type Transcripts = readonly (readonly string[])[];
const calm = new Map<string, Promise<Transcripts>>();

const differences = (got: readonly string[], expected: readonly string[]): readonly string[] =>
  Array.from({ length: Math.max(got.length, expected.length) }, (_, n) => [got[n], expected[n]] as const)
    .filter(([is, should]) => is !== should)
    .map(([is, should]) => `${is ?? 'nothing'} instead of ${should ?? 'nothing'}`);

/** What breaks an invariant. */
export async function broken(story: Story, tape: readonly number[], mutant?: Mutant): Promise<readonly string[]> {
  return brokenIn(story, await play(planOf(story), tape, mutant));
}

const brokenIn = ({ talks }: Story, played: Played): readonly string[] => [
  ...played.rejected.map(({ kind }) => `a delivery was ${kind}`),
  ...(played.forgot ? [] : twice(played)),
  ...talks.flatMap((_, i) => checkSession(sessionOf(played, refOf(i))).map((f) => `${f.rule}: ${f.message}`)),
];

/** As long as the store remembers ids, nothing follows twice from the same cause. */
function twice({ log }: Played): readonly string[] {
  const keys = log.all
    .filter(({ envelope: { causation } }) => causation !== undefined)
    .map(({ envelope: { causation, emitter, type, data } }) => {
      // A turn that asks the outside world takes several decisions.
      const { step = 1 } = data as { readonly step?: unknown };
      return `${type} ${String(step)} by ${emitter} from ${causation ?? ''}`;
    });
  return keys.filter((key, i) => keys.indexOf(key) < i).map((key) => `${key} stands twice`);
}

const storyOf = (...said: readonly string[]) =>
  fc.record<Story>({
    hosting: fc.constantFrom('chained', 'hop-by-hop'),
    store: fc.constantFrom('single', 'cluster'),
    processes: fc.integer({ min: 1, max: 3 }),
    remembers: fc.boolean(),
    talks: fc.array(fc.array(fc.constantFrom(...said), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  });

/** Up to three customers who say up to five things each. */
export const stories = storyOf(...TEXTS);

/** The same, with agents who take over, hand back and close: when they do so changes what the bot answers. */
export const storiesWithAgents = storyOf(...TEXTS, ...COMMANDS.map((c) => `/${c}`));

/** What goes wrong, and when. */
export const tapes = fc.array(fc.nat({ max: 16 * 64 - 1 }), { maxLength: 400, size: 'max' });
