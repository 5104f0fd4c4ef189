import type { ResponseVariant } from '../bot.ts';

type Buttons = ResponseVariant['buttons'];

const both = (en: string, zh: string, buttons: readonly [Buttons, Buttons] = [[], []]): readonly ResponseVariant[] => [
  { locale: 'en', text: en, buttons: buttons[0] },
  { locale: 'zh', text: zh, buttons: buttons[1] },
];
const ratings = (titles: readonly string[]): Buttons =>
  titles.map((title, i) => ({ title, payload: `/SetSlots(satisfaction=${5 - i})` }));

/** What the platform's own flows say where a bot has no words of its own for it. */
export const DEFAULT_RESPONSES: Readonly<Record<string, readonly ResponseVariant[]>> = {
  utter_default: both(
    'Sorry, I did not get that. Could you put it another way?',
    '抱歉，我没听明白，您可以换个说法吗？',
  ),
  utter_handoff: both('I am connecting you with a colleague.', '正在为您转接人工客服，请稍候。'),
  utter_flow_cancelled: both('All right, I have dropped that.', '好的，已经为您取消这个操作。'),
  utter_nothing_to_cancel: both('There is nothing to cancel at the moment.', '目前没有正在办理的事项。'),
  utter_restarted: both(
    'All right, let us start over. What can I do for you?',
    '好的，我们重新开始。请问您想办理什么？',
  ),
  utter_corrected: both('Thank you, I have changed it to {context_value}.', '好的，已经改为 {context_value}。'),
  utter_continue_interrupted: both('Now, let us get back to where we were.', '我们回到刚才的问题。'),
  utter_clarify: both(
    'I am not quite sure what you mean. Is it one of these?',
    '我不太确定您的意思，您是想办理下面哪一项？',
  ),
  utter_invalid_value: both('I cannot use “{context_value}” here.', '“{context_value}”在这里用不了。'),
  utter_internal_error: both(
    'Sorry, that does not work at the moment. Please try again later.',
    '抱歉，系统暂时办不了这件事，请稍后再试。',
  ),
  utter_welcome_back: both('Welcome back!', '欢迎回来！'),
  utter_answer: both('{context_answer}\n\nSource: {context_sources}', '{context_answer}\n\n来源：{context_sources}'),
  utter_ask_satisfaction: both(
    'How happy are you with this conversation, from 1 to 5?',
    '请问您对本次服务满意吗？请打 1 到 5 分。',
    [
      ratings(['5 – very', '4', '3', '2', '1 – not at all']),
      ratings(['5 分，非常满意', '4 分', '3 分', '2 分', '1 分，很不满意']),
    ],
  ),
  utter_thanks_for_rating: both('Thank you, and goodbye!', '感谢您的评价，再见！'),
  utter_idle_close: both(
    'I have not heard from you for a while, so I am closing our conversation. Just write when you need me.',
    '很久没有收到您的消息，本次对话先结束了。有需要随时找我。',
  ),
  utter_no_agent: both(
    'I am sorry, nobody is free at the moment. I have written a ticket, and a colleague will come back to you.',
    '抱歉，目前没有空闲的客服。我已经为您登记，同事会尽快联系您。',
  ),
};
