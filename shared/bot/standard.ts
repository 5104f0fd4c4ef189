/** What every bot must be able to say, since the policy says it without a flow. */
export const STANDARD_RESPONSES = {
  /** The last turn was not understood, or could not be answered. */
  fallBack: 'utter_default',
  /** A person takes over because the bot did not understand often enough. */
  handOff: 'utter_handoff',
} as const;

/** The prefix of the response that asks for a slot, where a flow names no other. */
export const ASK_PREFIX = 'utter_ask_';

/** The prefix of the response whose text names an intent on a button. */
export const OPTION_PREFIX = 'utter_option_';

/** The prefix of flows that the platform has for every bot; a bot may have its own instead. */
export const PATTERN_PREFIX = 'pattern_';

/** The prefix of values that the platform gives to a response, beside the slots. */
export const CONTEXT_PREFIX = 'context_';

/** Where a flow stands that has not begun. */
export const BEGIN = '0';

/** Where a branch leads that ends its flow. */
export const END = 'END';

/** Intents that answer what the bot has said: nobody who is asked what they want would choose one of these. */
export const ANSWERS: readonly string[] = ['affirm', 'deny', 'correct', 'correction', 'repeat'];

/** Intents that are said beside a wish and are none. */
export const SMALL_TALK: readonly string[] = ['greet', 'goodbye', 'thank', 'thanks', 'bot_challenge'];

/** The actions that the platform does itself; any other is asked of the customer's own systems. */
export const BUILT_IN_ACTIONS = [
  'action_human_handoff',
  'action_close_session',
  'action_cancel_flow',
  'action_restart',
  'action_repeat',
  'action_listen',
  'action_search',
  'action_fall_back',
] as const;
export type BuiltInAction = (typeof BUILT_IN_ACTIONS)[number];

/** The built-in actions after which nothing of the flow is done any more. */
export const LAST_ACTIONS: readonly string[] = [
  'action_human_handoff',
  'action_close_session',
  'action_listen',
  'action_fall_back',
];
