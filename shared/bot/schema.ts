import * as v from 'valibot';
import { DIMENSIONS, dimensionNamed } from '../nlu/entities/builtin/dimensions.ts';
import { MidTurn } from '../../events/decision.ts';
import { partName, plainName as name, slotName } from './names.ts';
import { SlotEntry } from './slot-schema.ts';
import { strict } from './strict.ts';

const version = v.optional(v.pipe(v.string(), v.regex(/^3\.\d+$/, 'the version of the format is "3.1"')));
const line = v.pipe(v.string(), v.trim(), v.nonEmpty('this must not be empty'), v.maxLength(2_000, 'this is too long'));
const language = v.pipe(v.string(), v.check(isLanguageTag, 'not a BCP 47 language tag'));
const metadata = v.optional(strict({ language: v.optional(language) }), {});
/** Rasa keeps whatever stands here. */
const nluMetadata = v.optional(v.looseObject({ language: v.optional(language) }), {});

const label = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u, 'a name has letters, digits, _ and -'));
const entityDetails = strict({
  roles: v.optional(v.array(label), []),
  groups: v.optional(v.array(label), []),
  dimension: v.optional(
    v.pipe(
      v.string(),
      v.check((it) => dimensionNamed(it) !== undefined, `a dimension is one of ${DIMENSIONS.join(', ')}`),
    ),
  ),
});
/** `- city`, or as in Rasa `- city: { roles: [origin], groups: ['1'] }`. */
const entity = v.lazy((input: unknown) =>
  typeof input === 'string'
    ? name
    : v.pipe(
        v.record(name, entityDetails),
        v.check((it) => Object.keys(it).length === 1, 'an entity has one name'),
      ),
);

/** `nlu.yml`, and every file in `nlu/`: examples of intents, and how entities are found. */
export const NluFile = strict({
  version,
  nlu: v.array(
    strict({
      intent: v.optional(partName),
      regex: v.optional(name),
      lookup: v.optional(name),
      synonym: v.optional(line),
      metadata: nluMetadata,
      /** A block of lines, or as in Rasa a list of texts that may have metadata of their own. */
      examples: v.lazy((input: unknown) =>
        Array.isArray(input)
          ? v.array(strict({ text: v.string(), metadata: v.optional(v.unknown()) }))
          : v.string('a block of examples: |'),
      ),
    }),
  ),
});
export type NluFile = v.InferOutput<typeof NluFile>;

/** `- greet`, or as in Rasa `- greet: { use_entities: [] }`, which changes nothing here. */
const intent = v.lazy((input: unknown) =>
  typeof input === 'string'
    ? partName
    : v.pipe(
        v.record(partName, v.unknown()),
        v.check((it) => Object.keys(it).length === 1, 'an intent has one name'),
        v.transform((it) => Object.keys(it)[0] ?? ''),
      ),
);
const anything = v.optional(v.unknown());

/** `domain.yml`: the names of intents and entities, the slots, and what the bot can say. */
export const DomainFile = strict({
  version,
  intents: v.array(intent),
  entities: v.optional(v.array(entity), []),
  slots: v.optional(v.record(slotName, SlotEntry), {}),
  /** What rules fill in, slot by slot. */
  forms: v.optional(
    v.record(name, strict({ required_slots: v.pipe(v.array(slotName), v.minLength(1)), ignored_intents: anything })),
    {},
  ),
  e2e_actions: anything,
  config: anything,
  /** What the customer's own systems can be asked to do. */
  actions: v.optional(v.array(name), []),
  session_config: v.optional(
    strict({
      /** Minutes; a conversation that is quiet for so long is closed. */
      session_expiration_time: v.optional(v.pipe(v.number(), v.minValue(0, 'at least 0'))),
      carry_over_slots_to_new_session: v.optional(v.boolean()),
    }),
    {},
  ),
  responses: v.record(
    v.pipe(partName, v.startsWith('utter_', 'the name of a response begins with utter_')),
    v.pipe(
      v.array(
        strict({
          text: v.optional(line),
          metadata,
          /** As in Rasa: the same in other languages. */
          translation: v.optional(v.record(language, line)),
          image: anything,
          attachment: anything,
          custom: anything,
          elements: anything,
          quick_replies: anything,
          button_type: anything,
          id: anything,
          allow_interruptions: anything,
          channel: v.optional(label),
          condition: v.optional(
            v.array(
              strict({
                type: v.literal('slot', 'a condition is of type slot'),
                name: slotName,
                value: v.union([v.string(), v.number(), v.boolean()]),
              }),
            ),
          ),
          buttons: v.optional(v.array(strict({ title: line, payload: line })), []),
        }),
      ),
      v.minLength(1, 'a response has at least one variant'),
    ),
  ),
});
export type DomainFile = v.InferOutput<typeof DomainFile>;

/** The names of a domain's entities, in the order of the file. */
export const entityNames = ({ entities }: DomainFile): readonly string[] =>
  entities.map((it) => (typeof it === 'string' ? it : (Object.keys(it)[0] ?? '')));

/** What the domain says about an entity beside its name. */
export function entityDetailsOf({ entities }: DomainFile, index: number): v.InferOutput<typeof entityDetails> {
  const it = entities[index];
  return (typeof it === 'object' ? Object.values(it)[0] : undefined) ?? { roles: [], groups: [] };
}

const duration = v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}[smh]$/, 'a duration such as 90s, 10m or 2h')));
const share = v.pipe(v.number(), v.minValue(0, 'from 0 to 1'), v.maxValue(1, 'from 0 to 1'));

const moment = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^[1-9]\d{0,4}m?s$/, 'a duration such as 700ms or 20s'),
    v.check(isUpToMinutes, 'at most 5 minutes'),
  ),
);
const patience = { after_words: moment, without_words: moment, longest: moment };

const hashBeginning = v.pipe(v.string(), v.regex(/^[0-9a-f]{8,32}$/u, '8 to 32 digits of a hash'));

/** `bot.yml`: the bot's name, its languages, and when it gives up or asks again. */
export const BotFile = strict({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/, 'a name has lower-case letters, digits and -')),
  locales: v.pipe(
    v.tupleWithRest([language], language),
    v.checkItems((tag, i, all) => all.indexOf(tag) === i, 'stands twice'),
  ),
  threshold: v.pipe(v.number(), v.minValue(0, 'from 0 to 1'), v.maxValue(1, 'from 0 to 1')),
  misses_before_handoff: v.pipe(v.number(), v.integer('a whole number'), v.minValue(1, 'at least 1')),
  timezone: v.optional(v.pipe(v.string(), v.check(isTimeZone, 'not an IANA time zone such as Asia/Shanghai'))),
  remind_after: duration,
  close_after: duration,
  hand_over_after: duration,
  action_timeout: duration,
  clarify_within: v.optional(share),
  second_intent: v.optional(share),
  knowledge: v.optional(v.picklist(['passages', 'generated'], 'passages or generated')),
  unsure: v.optional(v.picklist(['ask', 'model'], 'ask or model')),
  never_say: v.optional(v.array(line)),
  /** How it behaves on the telephone, and for how long it hears callers out. */
  voice: v.optional(
    strict({
      greeting: v.optional(name),
      between_keys: moment,
      ...patience,
      questions: v.optional(
        v.record(
          name,
          strict({ ...patience, keys: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1, 'at least 1'))) }),
        ),
      ),
    }),
  ),
  /** Sessions under way with these versions, named by the beginnings of their hashes, move to this one. */
  migrate: v.optional(
    strict({
      from: v.union(
        [v.literal('all'), v.pipe(v.array(hashBeginning), v.minLength(1, 'at least one'))],
        'all, or a list of hashes',
      ),
      slots: v.optional(v.record(slotName, v.nullable(slotName)), {}),
    }),
  ),
  /** One way for all channels, or one for each; `default` is for the channels that are not named. */
  mid_turn: v.optional(v.union([MidTurn, v.record(label, MidTurn)], 'queue, merge or interrupt')),
});
export type BotFile = v.InferOutput<typeof BotFile>;

function isUpToMinutes(duration: string): boolean {
  return Number.parseInt(duration, 10) * (duration.endsWith('ms') ? 1 : 1_000) <= 300_000;
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}
