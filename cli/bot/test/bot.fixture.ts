import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DESK_FILES } from '../../../functions/policy/testing/desk-bot.ts';

/** More than one example for each intent, so that a model has something to learn from. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  greet: ['hello', 'hi there', 'good morning', '你好', '您好啊'],
  refund: ['I want a refund', 'give me my money back', 'refund my order please', '我要退款', '把钱退给我'],
  track: ['where is my parcel', 'track my parcel', 'has my parcel been sent', '我的包裹在哪', '查一下物流'],
  order_status: ['what is the status of my order', 'order status please', '订单什么状态', '查询订单状态'],
  human: ['let me talk to a human', 'a real person please', '转人工', '我要找真人'],
  affirm: ['yes', 'yes please', 'sure', '是的', '对'],
  deny: ['no', 'no thanks', 'rather not', '不要', '不是'],
  goodbye: ['bye', 'see you', 'good night', '再见', '拜拜'],
  cancel_flow: ['never mind', 'forget it', 'cancel that', '算了', '取消吧'],
};

const MORE = Object.entries(SENTENCES)
  .map(([intent, all]) => `  - intent: ${intent}\n    examples: |\n${all.map((it) => `      - ${it}\n`).join('')}`)
  .join('');

/** Writes the desk bot, with examples enough to be understood, and files of tests into a folder. */
export async function writeBot(dir: string, tests: Readonly<Record<string, string>> = {}): Promise<void> {
  const own = Object.entries({ ...DESK_FILES, nlu: DESK_FILES.nlu + MORE });
  const files = [
    ...own.map(([name, text]) => [`${name}.yml`, text] as const),
    ...Object.entries(tests).map(([name, text]) => [join('tests', name), text] as const),
  ];
  for (const [name, text] of files) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
