import { Command, InvalidArgumentError, Option } from 'commander';
import * as parse from '../arguments.ts';
import type { CallOptions } from './call.ts';
import { CALLED_BY } from './line.ts';

const keys = (given: string): string => {
  if (/^[0-9*#A-D]{1,32}$/u.test(given)) return given;
  throw new InvalidArgumentError('Keys are 0 to 9, *, # and A to D.');
};

/** `turnstream call`: a recording as a telephone call. */
export function callCommand(): Command {
  return new Command('call')
    .argument('<recording>', 'a WAV file of what the caller says')
    .description('play a recording into a running platform as a telephone call, and tell what becomes of it')
    .addOption(new Option('--gateway <name>', 'speak as this gateway').choices(CALLED_BY).default('turnstream'))
    .addOption(new Option('--url <address>', 'the gateway of the platform (TURNSTREAM_URL)').argParser(parse.webUrl))
    .addOption(new Option('--key <key>', 'API key (TURNSTREAM_API_KEY)'))
    .addOption(new Option('--session <id>', 'call in this session').argParser(parse.sessionId))
    .addOption(new Option('--locale <tag>', 'what is spoken, for example en').argParser(parse.localeTag))
    .addOption(new Option('--dtmf <keys>', 'press these keys when all has been said').argParser(keys))
    .addOption(new Option('--realtime', 'speak by the clock (the default)').conflicts('fast'))
    .addOption(new Option('--fast', 'speak up to five times faster, ten seconds ahead at most'))
    .addOption(new Option('--through', 'play the recording as it is, into what the bot says if need be'))
    .addOption(
      new Option('--pause <ms>', 'a pause in the recording that parts utterances')
        .default(900)
        .argParser(parse.whole(200, 60_000)),
    )
    .addOption(
      new Option('--limit <seconds>', 'how long to wait for each answer').default(30).argParser(parse.whole(1, 3_600)),
    )
    .addOption(new Option('--save <path>', 'write what the caller heard as a WAV file'))
    .addOption(new Option('--json', 'print one JSON object a line, for programs'))
    .addHelpText(
      'after',
      `
Examples:
  turnstream call where-is-my-parcel.wav --locale en
  turnstream call number.wav --gateway twilio --dtmf 12345678# --save heard.wav
  turnstream call two-questions.wav --through --json

Each utterance of the recording is said once the bot has finished with the one before.
Exit code 1: something was not listened to, not answered in time, or no words were made out at all.`,
    )
    .action(async (path: string, options: CallOptions) => {
      const { callWith } = await import('./call.ts');
      process.exitCode = await callWith(path, options);
    });
}
