import type { BotSettings, BotVoice, VoicePatience } from './bot.ts';
import type { BotIssue } from './error.ts';
import type { BotFile, DomainFile } from './schema.ts';
import type { Parsed } from './strict.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What `bot.yml` says beside the bot's name and languages, and what Rasa says about sessions in the domain. */
export function readSettings(bot: BotFile, { session_config }: DomainFile): BotSettings {
  const { remind_after, close_after, hand_over_after, action_timeout, mid_turn, timezone } = bot;
  const { session_expiration_time: minutes, carry_over_slots_to_new_session: carriesOver } = session_config;
  const closeAfterMs = milliseconds(close_after) ?? (minutes ? Math.round(minutes * UNIT_MS.m) : undefined);
  const settings: { [Key in keyof BotSettings]: BotSettings[Key] | undefined } = {
    threshold: bot.threshold,
    missesBeforeHandOff: bot.misses_before_handoff,
    remindAfterMs: milliseconds(remind_after),
    closeAfterMs,
    handOverAfterMs: milliseconds(hand_over_after),
    outsideAfterMs: milliseconds(action_timeout),
    clarifyWithin: bot.clarify_within,
    secondIntent: bot.second_intent,
    knowledge: bot.knowledge,
    unsure: bot.unsure === 'model' ? 'model' : undefined,
    neverSay: bot.never_say,
    midTurn: typeof mid_turn === 'string' ? { default: mid_turn } : mid_turn,
    carryOverSlots: carriesOver === false ? false : undefined,
    timezone,
    voice: bot.voice && voiceOf(bot.voice),
  };
  return given(settings);
}

/** What is set and does nothing as the rest of `bot.yml` stands. */
export function settingWarnings({ source, content }: Parsed<BotFile>): readonly BotIssue[] {
  if (content.unsure !== 'model' || content.clarify_within !== undefined) return [];
  const hint = 'add clarify_within: 0.1, or another distance at which candidates are close';
  return [source.issue(['unsure'], 'unsure does nothing without clarify_within', { hint, part: 'key' })];
}

function voiceOf(voice: NonNullable<BotFile['voice']>): BotVoice {
  const { greeting, between_keys, questions, ...patience } = voice;
  const asked =
    questions && Object.entries(questions).map(([slot, { keys, ...of }]) => [slot, given({ ...patienceOf(of), keys })]);
  return given({
    greeting,
    betweenKeysMs: milliseconds(between_keys),
    ...patienceOf(patience),
    questions: asked && (Object.fromEntries(asked) as BotVoice['questions']),
  });
}

const patienceOf = (of: {
  readonly after_words?: string | undefined;
  readonly without_words?: string | undefined;
  readonly longest?: string | undefined;
}): VoicePatience =>
  given({
    afterWordsMs: milliseconds(of.after_words),
    withoutWordsMs: milliseconds(of.without_words),
    longestMs: milliseconds(of.longest),
  });

/** Without what was not said. */
const given = <T extends object>(all: { readonly [Key in keyof T]: T[Key] | undefined }): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;

/** `10m` in milliseconds; the schema has seen to the form. */
function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const unit = duration.replace(/^\d+/u, '');
  return Number.parseInt(duration, 10) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
