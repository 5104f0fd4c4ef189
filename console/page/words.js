// @ts-check
import { callEn, callZh } from './call-words.js';
import { deskEn, deskZh } from './desk-words.js';

const en = {
  ...callEn,
  ...deskEn,
  skip: 'Skip to the message field',
  views: 'Views',
  chat: 'Chat',
  conversation: 'Conversation',
  timeline: 'What happens',
  newSession: 'New session',
  apiKey: 'API key',
  switchLanguage: '切换到中文',
  languageName: '中文',
  welcome: 'How can we help?',
  welcomeText:
    'Ask something a customer of an online shop would ask. Every step that leads to the answer shows up as it happens.',
  suggestion1: 'Where is my parcel?',
  suggestion2: 'I want to return something',
  suggestion3: 'When are you open?',
  suggestion4: 'I want to talk to a person',
  yourMessage: 'Your message',
  placeholder: 'Write a message…',
  placeholderClosed: 'This conversation has ended',
  send: 'Send',
  session: 'Session',
  live: 'Live',
  idle: 'Ready',
  connecting: 'Connecting…',
  waiting: 'Reconnecting…',
  refused: 'No access',
  gone: 'Session not found',
  timelineEmpty: 'Every turn, step by step',
  timelineEmptyText:
    'Say something, and see what was recognised, what was decided and why, and how long each step took.',
  turn: 'Turn {number}',
  typing: 'The bot is writing',
  you: 'You',
  bot: 'Bot',
  sending: 'Sending…',
  notSent: 'Not sent.',
  tryAgain: 'Try again',
  why: 'How this came about',
  handedOff: 'A person has the conversation now; the bot is silent.',
  closedNote: 'The conversation was closed.',
  resumedNote: 'The conversation was resumed.',
  noAnswer: 'This could not be answered.',
  superseded: 'Answered together with a later message.',
  reminder: 'Reminder',
  botAgain: 'The bot has the conversation again.',
  stepReceived: 'Received',
  stepIntent: 'Intent',
  stepEntities: 'Entities',
  stepDecision: 'Decision',
  stepReply: 'Reply',
  stepFailed: 'Step failed',
  notRecognised: 'Not recognised',
  pressed: 'button pressed',
  noEntities: 'nothing found',
  failedStep: '{step} gave up: {reason}',
  before: 'before',
  after: 'after',
  unset: 'none',
  change_asking: 'asks for',
  change_misses: 'not understood in a row',
  change_phase: 'conversation',
  phase_open: 'open',
  'phase_handed-off': 'with a person',
  phase_closed: 'closed',
  act_respond: 'Answer with {response}',
  act_ask: 'Ask for {slot}',
  'act_fall-back': 'Ask to say it differently',
  'act_hand-off': 'Hand over to a person',
  act_forward: 'Leave it to the person who has it',
  act_close: 'Say goodbye and close',
  act_refuse: 'Refuse: {reason}',
  act_supersede: 'Answer with a later message',
  act_take: '{agent} takes the conversation',
  'act_hand-back': '{agent} hands it back to the bot',
  act_remind: 'Repeat the open question',
  act_ticket: 'Write a ticket, since nobody could take over',
  act_call: 'Ask for {action}',
  act_search: 'Look it up in the knowledge base',
  act_generate: 'Have it put into words',
  'rule_slot-missing': 'the flow {intent} needs it, and it is not known yet',
  'rule_question-answered': 'this answers the open question',
  rule_flow: 'this is what the flow {intent} says',
  'rule_not-understood': 'nothing was sure enough',
  rule_misses: 'not understood too often',
  'rule_handed-off': 'a person has the conversation',
  rule_closed: 'the conversation is closed',
  'rule_no-session': 'the conversation was never opened',
  rule_agent: 'an agent asked for it',
  rule_unanswered: 'the question was not answered in time',
  rule_correction: 'what was said before is corrected',
  rule_clarification: 'several things could be meant',
  'rule_two-intents': 'two things were wanted at once',
  'rule_value-refused': 'what was given cannot be used',
  rule_knowledge: 'the knowledge base may have an answer',
  'rule_outside-done': 'what was asked for has come',
  'rule_outside-failed': 'what was asked for did not come',
  'rule_mid-turn': 'another message came in the meantime',
  'rule_hand-over-late': 'nobody took over in time',
  rule_idle: 'the customer has gone',
  rule_other: 'by the rule {rule}',
  'ending_turn.replied': 'Replied',
  'ending_turn.handed-off': 'Handed off',
  'ending_turn.superseded': 'Superseded',
  'ending_turn.dead-lettered': 'Not answered',
  ending_none: 'In progress',
  outside: 'Outside of turns',
  keyText: 'On this machine, no key is needed: requests belong to the tenant demo. With a key you are its tenant.',
  keyNeeded: 'This platform wants an API key.',
  keyLabel: 'Key',
  save: 'Save',
  cancel: 'Cancel',
  problem: 'The platform said: {text}',
  unreachable: 'The platform does not answer.',
};

/** @type {Record<keyof typeof en, string>} */
const zh = {
  ...callZh,
  ...deskZh,
  skip: '跳到输入框',
  views: '视图',
  chat: '对话',
  conversation: '对话内容',
  timeline: '处理过程',
  newSession: '新会话',
  apiKey: 'API 密钥',
  switchLanguage: 'Switch to English',
  languageName: 'English',
  welcome: '您好，请问有什么可以帮您？',
  welcomeText: '像网店的顾客那样提问吧。得出回答的每一步，都会在发生的同时显示出来。',
  suggestion1: '我的包裹到哪里了？',
  suggestion2: '我想退货',
  suggestion3: '你们几点上班？',
  suggestion4: '我要转人工',
  yourMessage: '您的消息',
  placeholder: '输入消息…',
  placeholderClosed: '会话已结束',
  send: '发送',
  session: '会话',
  live: '已连接',
  idle: '就绪',
  connecting: '正在连接…',
  waiting: '正在重新连接…',
  refused: '无权访问',
  gone: '找不到会话',
  timelineEmpty: '每一轮对话，一步一步看清楚',
  timelineEmptyText: '说点什么，就能看到识别了什么、做了什么决定、为什么，以及每一步用了多长时间。',
  turn: '第 {number} 轮',
  typing: '机器人正在输入',
  you: '您',
  bot: '机器人',
  sending: '正在发送…',
  notSent: '未发送。',
  tryAgain: '重试',
  why: '这个回答是怎么来的',
  handedOff: '会话已转给人工，机器人不再回答。',
  closedNote: '会话已关闭。',
  resumedNote: '会话已恢复。',
  noAnswer: '这条消息无法回答。',
  superseded: '已与后面的消息一起回答。',
  reminder: '提醒',
  botAgain: '机器人继续为您服务。',
  stepReceived: '收到',
  stepIntent: '意图',
  stepEntities: '实体',
  stepDecision: '决策',
  stepReply: '回复',
  stepFailed: '步骤失败',
  notRecognised: '未能识别',
  pressed: '点击按钮',
  noEntities: '没有找到',
  failedStep: '{step} 放弃处理：{reason}',
  before: '之前',
  after: '之后',
  unset: '无',
  change_asking: '正在询问',
  change_misses: '连续未理解次数',
  change_phase: '会话状态',
  phase_open: '进行中',
  'phase_handed-off': '人工处理中',
  phase_closed: '已关闭',
  act_respond: '用 {response} 回答',
  act_ask: '询问 {slot}',
  'act_fall-back': '请客户换个说法',
  'act_hand-off': '转给人工',
  act_forward: '交给正在处理的人工',
  act_close: '道别并关闭会话',
  act_refuse: '拒绝：{reason}',
  act_supersede: '与后面的消息一起回答',
  act_take: '{agent} 接手会话',
  'act_hand-back': '{agent} 把会话交还给机器人',
  act_remind: '重复未回答的问题',
  act_ticket: '没有人接手，登记工单',
  act_call: '请求 {action}',
  act_search: '查询知识库',
  act_generate: '由模型组织回答',
  'rule_slot-missing': '流程 {intent} 需要它，但还不知道',
  'rule_question-answered': '这回答了刚才的问题',
  rule_flow: '流程 {intent} 这样规定',
  'rule_not-understood': '没有足够把握的结果',
  rule_misses: '多次未能理解',
  'rule_handed-off': '会话由人工处理',
  rule_closed: '会话已关闭',
  'rule_no-session': '会话从未打开',
  rule_agent: '坐席的要求',
  rule_unanswered: '问题没有及时得到回答',
  rule_correction: '更正了之前说的内容',
  rule_clarification: '可能是几个意思之一',
  'rule_two-intents': '一次提出了两件事',
  'rule_value-refused': '给出的值不能使用',
  rule_knowledge: '知识库里可能有答案',
  'rule_outside-done': '外部结果已返回',
  'rule_outside-failed': '外部结果没有返回',
  'rule_mid-turn': '期间又来了一条消息',
  'rule_hand-over-late': '没有人及时接手',
  rule_idle: '客户已离开',
  rule_other: '按照规则 {rule}',
  'ending_turn.replied': '已回复',
  'ending_turn.handed-off': '已转人工',
  'ending_turn.superseded': '已合并',
  'ending_turn.dead-lettered': '未能回答',
  ending_none: '处理中',
  outside: '轮次之外',
  keyText: '在本机上不需要密钥：请求属于租户 demo。填写密钥后，您就是该密钥的租户。',
  keyNeeded: '这个平台需要 API 密钥。',
  keyLabel: '密钥',
  save: '保存',
  cancel: '取消',
  problem: '平台的答复：{text}',
  unreachable: '平台没有响应。',
};

/** @typedef {'en' | 'zh'} Language */
/** @typedef {keyof typeof en} Word */

const dictionaries = { en, zh };

/** @type {Language} */
let current = 'en';

/** The language that the browser asks for, of those there are. */
export const preferred = () => {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return /** @type {Language} */ (wanted.find((tag) => tag === 'zh' || tag === 'en') ?? 'en');
};

export const language = () => current;

/** @param {Language} chosen */
export function speak(chosen) {
  current = chosen;
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

/**
 * A text in the chosen language; `{name}` is replaced.
 *
 * @param {Word} word
 * @param {Readonly<Record<string, string | number>>} [values]
 */
export function say(word, values = {}) {
  return dictionaries[current][word].replaceAll(/\{(\w+)\}/gu, (_, name) => String(values[name] ?? ''));
}

/**
 * The text for a name that comes from the log, if there is one.
 *
 * @param {string} word
 * @returns {Word | undefined}
 */
export const known = (word) => (Object.hasOwn(en, word) ? /** @type {Word} */ (word) : undefined);

/** Puts the texts of the page's fixed parts in, wherever an attribute names one. */
export function label(root = document) {
  /** @type {[string, (element: HTMLElement, text: string) => void][]} */
  const attributes = [
    ['words', (element, text) => void (element.textContent = text)],
    ['label', (element, text) => element.setAttribute('aria-label', text)],
    ['placeholder', (element, text) => element.setAttribute('placeholder', text)],
    [
      'title',
      (element, text) => {
        element.title = text;
        element.setAttribute('aria-label', text);
      },
    ],
  ];
  for (const [name, put] of attributes) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(`[data-${name}]`))) {
      const word = known(element.dataset[name] ?? '');
      if (word) put(element, say(word));
    }
  }
}
