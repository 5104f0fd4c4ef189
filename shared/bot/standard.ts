/** What every bot must be able to say, since the platform says it without a flow. */
export const STANDARD_RESPONSES = {
  /** The last turn was not understood. */
  rephrase: 'utter_ask_rephrase',
  /** A person takes over because the bot did not understand often enough, or could not go on. */
  handOff: 'utter_human_handoff',
  /** Something failed for good and nobody can take over. */
  failed: 'utter_default',
} as const;

/** The prefix of the response that asks for a slot, where a flow names no other. */
export const ASK_PREFIX = 'utter_ask_';

/** The built-in steps that end a flow. */
export const END_ACTIONS = { action_human_handoff: 'hand-off', action_close_session: 'close' } as const;
