/** What every bot must be able to say, since the policy says it without a flow. */
export const STANDARD_RESPONSES = {
  /** The last turn was not understood, or could not be answered. */
  fallBack: 'utter_default',
  /** A person takes over because the bot did not understand often enough. */
  handOff: 'utter_handoff',
} as const;

/** The prefix of the response that asks for a slot, where a flow names no other. */
export const ASK_PREFIX = 'utter_ask_';

/** The built-in steps that end a flow. */
export const END_ACTIONS = { action_human_handoff: 'hand-off', action_close_session: 'close' } as const;
