// @ts-check

/** What the page says of calls. */
export const callEn = {
  microphone: 'Speak with the bot',
  callLabel: 'Call',
  callConnecting: 'Connecting…',
  callOn: 'In a call',
  callAway: 'The connection is lost, trying again…',
  callOver: 'The call is over',
  callTransferred: 'The call was transferred',
  callRefused: 'The call was not taken',
  callLost: 'The call was lost',
  micRefused: 'The browser does not allow the microphone',
  micMissing: 'There is no microphone here',
  hangUp: 'Hang up',
  closeCall: 'Close',
  keypad: 'Keypad',
  keysPressed: 'Keys',
  noWords: '(no words)',
  saying: 'speaking…',
  heardAll: 'heard to the end',
  heardPart: 'interrupted: the rest was not heard',
  noVoice: 'not spoken: this platform has no voice',
};

/** @type {Record<keyof typeof callEn, string>} */
export const callZh = {
  microphone: '与机器人通话',
  callLabel: '通话',
  callConnecting: '正在连接…',
  callOn: '通话中',
  callAway: '连接中断，正在重试…',
  callOver: '通话已结束',
  callTransferred: '通话已转接',
  callRefused: '通话未被接受',
  callLost: '通话已断开',
  micRefused: '浏览器不允许使用麦克风',
  micMissing: '这里没有麦克风',
  hangUp: '挂断',
  closeCall: '关闭',
  keypad: '键盘',
  keysPressed: '按键',
  noWords: '（没有听到词语）',
  saying: '正在播报…',
  heardAll: '已听完',
  heardPart: '被打断：其余部分没有听到',
  noVoice: '没有播报：这个平台没有语音',
};
