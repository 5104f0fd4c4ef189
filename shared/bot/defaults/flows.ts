import type { Flow, FlowStep, SlotRule } from '../bot.ts';
import { END } from '../standard.ts';

const to = (step: string): FlowStep['next'] => [{ to: step }];
const say = (id: string, response: string, next: string = END): FlowStep => ({
  id,
  kind: 'say',
  response,
  next: to(next),
});
const act = (id: string, action: string, next: FlowStep['next'] = []): FlowStep => ({
  id,
  kind: 'action',
  action,
  next,
});

/**
 * What every bot does where dialogue leaves its flows, as flows themselves, in the names of Rasa where Rasa has one. A
 * flow of the same name in a bot's own `flows.yml` takes the place of one of these.
 */
export const DEFAULT_FLOWS: readonly Flow[] = [
  {
    id: 'pattern_cancel_flow',
    intents: ['cancel_flow', 'cancel', 'stop', 'abort'],
    steps: [
      { id: '1', kind: 'noop', next: [{ when: 'session.active', to: '2' }, { to: '4' }] },
      act('2', 'action_cancel_flow', to('3')),
      say('3', 'utter_flow_cancelled'),
      say('4', 'utter_nothing_to_cancel'),
    ],
  },
  {
    id: 'pattern_restart',
    intents: ['restart'],
    steps: [act('1', 'action_restart', to('2')), say('2', 'utter_restarted')],
  },
  {
    id: 'pattern_repeat_bot_messages',
    intents: ['repeat'],
    steps: [act('1', 'action_repeat')],
  },
  /** Said before the flow goes on with the corrected value. */
  {
    id: 'pattern_correction',
    intents: ['correct', 'correction'],
    steps: [say('1', 'utter_corrected')],
  },
  /** Said when a flow has ended and one that it had interrupted goes on. */
  { id: 'pattern_continue_interrupted', intents: [], steps: [say('1', 'utter_continue_interrupted')] },
  /** Said with a button for each candidate. */
  { id: 'pattern_clarification', intents: [], steps: [say('1', 'utter_clarify')] },
  { id: 'pattern_listen', intents: [], steps: [act('1', 'action_listen')] },
  /** What was given for a slot is not of the slot's type. */
  { id: 'pattern_invalid_value', intents: [], steps: [say('1', 'utter_invalid_value')] },
  {
    id: 'pattern_cannot_handle',
    intents: [],
    steps: [act('1', 'action_fall_back')],
  },
  /** An action failed, and the flow does not say what then. */
  { id: 'pattern_internal_error', intents: [], steps: [say('1', 'utter_internal_error')] },
  /** Before the answer to the greeting of a customer who has come back. */
  { id: 'pattern_session_start', intents: [], steps: [say('1', 'utter_welcome_back')] },
  {
    id: 'pattern_search',
    intents: [],
    steps: [
      act('1', 'action_search', [{ when: 'outcome.answered', to: '2' }, { to: '3' }]),
      say('2', 'utter_answer'),
      act('3', 'action_fall_back'),
    ],
  },
  {
    id: 'pattern_satisfaction',
    intents: [],
    steps: [
      {
        id: '1',
        kind: 'collect',
        slot: 'satisfaction',
        ask: 'utter_ask_satisfaction',
        askFirst: true,
        next: to('2'),
      },
      say('2', 'utter_thanks_for_rating', '3'),
      act('3', 'action_close_session'),
    ],
  },
];

/** Slots that the flows above and the platform itself use. */
export const DEFAULT_SLOTS: readonly SlotRule[] = [
  { name: 'satisfaction', type: 'categorical', values: ['1', '2', '3', '4', '5'], fill: [{ from: 'text' }] },
  /** Where it is filled, the bot answers in this language, whatever it is spoken to in. */
  { name: 'language', type: 'text', fill: [] },
];
