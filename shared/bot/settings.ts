import type { BotSettings } from './bot.ts';
import type { BotFile, DomainFile } from './schema.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 };

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
  };
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as unknown as BotSettings;
}

/** `10m` in milliseconds; the schema has seen to the form. */
function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  return Number(duration.slice(0, -1)) * UNIT_MS[duration.slice(-1) as keyof typeof UNIT_MS];
}
