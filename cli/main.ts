#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import * as parse from './arguments.ts';
import { botCommand } from './bot/commands.ts';
import { callCommand } from './call/commands.ts';
import { knowledgeCommand } from './knowledge/commands.ts';
import { modelsCommand } from './models/commands.ts';
import type { AudioOptions } from './audio.ts';
import type { EraseOptions } from './erase.ts';
import type { UpOptions } from './up.ts';
import { explain, oneLine, UsageError } from './fault.ts';

// Each command is loaded when it is called: `--help` and a wrong option need none of them.

const program = new Command('turnstream')
  .description('Event-sourced conversations for customer service.')
  .version(versionOf(), '--version', 'print the version')
  .helpOption('-h, --help', 'show help; with a command, its options and examples')
  .helpCommand(false)
  .showSuggestionAfterError()
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
Examples:
  turnstream up                        a whole platform on this machine
  turnstream chat                      talk with it
  turnstream call question.wav         talk with it as a telephone would
  turnstream sessions                  who has talked lately
  turnstream replay 01JD…              what happened in a session, and why
  turnstream verify                    check everything that is stored
  turnstream bot train bots/my-bot     train a bot on its examples
  turnstream models pull --list        which models of others there are
  turnstream models compare 3f0c 8a11  where two models of a bot differ

The commands find a platform that \`turnstream up\` started in this folder by themselves.
Exit codes: 0 done, 1 something went wrong or was found wrong, 2 called wrongly.`,
  );

const nats = () => new Option('--nats <url>', 'nats-server to use (TURNSTREAM_NATS_URL)').argParser(parse.natsUrls);
const tenant = () => new Option('--tenant <name>', 'only this tenant').argParser(parse.tenantId);
const json = () => new Option('--json', 'print JSON, for programs');

program
  .command('up')
  .description('start a whole platform: nats-server, functions, gateway and page')
  .addOption(new Option('--port <number>', 'of the gateway (default: 8080)').argParser(parse.whole(0, 65_535)))
  .addOption(
    new Option('--ops-port <number>', 'of health and metrics (default: 9090)').argParser(parse.whole(0, 65_535)),
  )
  .addOption(new Option('--dir <path>', 'where everything is kept (default: .turnstream)'))
  .addOption(new Option('--hosting <how>', 'how functions share processes').choices(['chained', 'hop-by-hop']))
  .addOption(new Option('--sync <when>', 'when the log is written to disk').choices(['always', 'default']))
  .addOption(new Option('--bots <folder>', 'the bots that answer (default: the demo bots)'))
  .addOption(
    new Option('--bot <name>', "the bot that customers talk to (default: the folder's only one, or the shop's)"),
  )
  .addOption(new Option('--with-example-services', "give the demo bots' actions a shop and a bank to talk to"))
  .addOption(
    new Option('--keep-audio-days <number>', 'keep the sound of calls for so long (default: not at all)').argParser(
      parse.whole(1, 3_650),
    ),
  )
  .addHelpText(
    'after',
    examples('turnstream up', 'turnstream up --port 9000 --dir /var/lib/turnstream', 'turnstream up --bots my-bots'),
  )
  .action(async (options: UpOptions) => {
    const { up } = await import('./up.ts');
    await up(options);
  });

program
  .command('chat')
  .description('talk with a running platform')
  .addOption(new Option('--session <id>', 'continue this session').argParser(parse.sessionId))
  .addOption(new Option('--url <address>', 'the gateway (TURNSTREAM_URL)').argParser(parse.webUrl))
  .addOption(new Option('--key <key>', 'API key (TURNSTREAM_API_KEY)'))
  .addOption(new Option('--locale <tag>', 'your language, for example en').argParser(parse.localeTag))
  .addHelpText(
    'after',
    examples(
      'turnstream chat',
      'turnstream chat --locale en',
      'echo "where is my parcel?" | turnstream chat --locale en',
    ),
  )
  .action(async (options: object) => {
    const { chat } = await import('./chat.ts');
    await chat(options);
  });

program
  .command('transcribe')
  .argument('<file>', 'a recording: WAV, FLAC, MP3 or OGG')
  .description('let a running platform listen to a recording')
  .addOption(new Option('--locale <tag>', 'what is spoken, for example en').argParser(parse.localeTag))
  .addOption(new Option('--session <id>', 'say it in this session').argParser(parse.sessionId))
  .addOption(new Option('--url <address>', 'the gateway (TURNSTREAM_URL)').argParser(parse.webUrl))
  .addOption(new Option('--key <key>', 'API key (TURNSTREAM_API_KEY)'))
  .addOption(json())
  .addHelpText('after', examples('turnstream transcribe message.ogg', 'turnstream transcribe call.wav --json'))
  .action(async (file: string, options: object) => {
    const { transcribe } = await import('./transcribe.ts');
    await transcribe(file, options);
  });

program
  .command('sessions')
  .description('list the sessions that were active last')
  .addOption(tenant())
  .addOption(new Option('--limit <number>', 'how many').default(20).argParser(parse.whole(1, 10_000)))
  .addOption(json())
  .addOption(nats())
  .addHelpText('after', examples('turnstream sessions', 'turnstream sessions --tenant demo --limit 100 --json'))
  .action(async (options: { limit: number }) => {
    const { listSessions } = await import('./sessions.ts');
    await listSessions(options);
  });

program
  .command('replay')
  .argument('<session>', 'id of the session', parse.sessionId)
  .description('tell a session turn by turn: what was said, understood, decided and why')
  .addOption(tenant())
  .addOption(new Option('--turn <number or id>', 'only this turn'))
  .addOption(json())
  .addOption(nats())
  .addHelpText(
    'after',
    `${examples('turnstream replay 01JD3C5V8Y0000000000000000', 'turnstream replay 01JD3C5V8Y0000000000000000 --turn 2 --json')}

Each decision is made again on the state folded from the log; no model is called.
Exit code 1: a state or a decision came out otherwise than it is stored.`,
  )
  .action(async (session: ReturnType<typeof parse.sessionId>, options: object) => {
    const { replay } = await import('./replay.ts');
    process.exitCode = await replay(session, options);
  });

program
  .command('verify')
  .description('check everything that is stored: chains, state hashes, endings, causes, order')
  .addOption(tenant())
  .addOption(
    new Option('--grace <seconds>', 'how long a turn may be under way').default(60).argParser(parse.whole(0, 86_400)),
  )
  .addOption(json())
  .addOption(nats())
  .addHelpText('after', examples('turnstream verify', 'turnstream verify --tenant demo --json'))
  .action(async (options: { grace: number }) => {
    const { verifyLog } = await import('./verify.ts');
    process.exitCode = await verifyLog(options);
  });

program
  .command('provision')
  .description('make or update the streams and durable consumers; doing it again changes nothing')
  .addOption(new Option('--replicas <number>', 'copies of each stream').choices(['1', '3']).default('1'))
  .addOption(
    new Option('--hosting <how>', 'how functions share processes')
      .choices(['chained', 'hop-by-hop'])
      .default('chained'),
  )
  .addOption(new Option('--bots <path>', 'publish the bots of this folder'))
  .addOption(new Option('--tenants <path>', "make what webhooks of this tenants' file need"))
  .addOption(json())
  .addOption(nats())
  .addHelpText(
    'after',
    examples('turnstream provision', 'turnstream provision --nats nats://10.0.0.5:4222 --replicas 3 --bots bots'),
  )
  .action(async (options: { replicas: string; hosting: 'chained' | 'hop-by-hop' }) => {
    const { provisionCell } = await import('./provision.ts');
    await provisionCell({ ...options, replicas: options.replicas === '3' ? 3 : 1 });
  });

program
  .command('archive')
  .description('write idle sessions to the archive now, and let them leave the log')
  .addOption(new Option('--tenants <path>', "the tenants' file: it says after how many idle days sessions leave"))
  .addOption(
    new Option('--quiet-hours <number>', 'archive early what has been quiet for so long').argParser(
      parse.whole(0, 8_760),
    ),
  )
  .addOption(json())
  .addOption(nats())
  .addHelpText('after', examples('turnstream archive', 'turnstream archive --quiet-hours 1 --json'))
  .action(async (options: object) => {
    const { archiveNow } = await import('./archive.ts');
    process.exitCode = await archiveNow(options);
  });

program
  .command('erase')
  .argument('<session>', 'id of the session', parse.sessionId)
  .description('erase a session for ever, from the log, its timers and the archive, and print the receipt')
  .addOption(tenant().makeOptionMandatory())
  .addOption(new Option('--by <name>', 'who asks for it; stands in the receipt').makeOptionMandatory())
  .addOption(json())
  .addOption(nats())
  .addHelpText(
    'after',
    `${examples('turnstream erase 01JD3C5V8Y0000000000000000 --tenant demo --by olga')}

There is no way back. Repeating it is harmless, and finishes what was interrupted.`,
  )
  .action(async (session: ReturnType<typeof parse.sessionId>, options: EraseOptions) => {
    const { erase } = await import('./erase.ts');
    await erase(session, options);
  });

program
  .command('audio')
  .argument('<session>', 'id of the session', parse.sessionId)
  .description('list the calls of a session whose sound the archive keeps, or write one as a WAV file')
  .addOption(tenant().makeOptionMandatory())
  .addOption(new Option('--call <id>', 'the call to write; otherwise the newest'))
  .addOption(new Option('--out <file>', 'write it here; otherwise the calls are listed'))
  .addOption(json())
  .addOption(nats())
  .addHelpText('after', examples('turnstream audio 01JD3C5V8Y0000000000000000 --tenant demo --out call.wav'))
  .action(async (session: ReturnType<typeof parse.sessionId>, options: AudioOptions) => {
    const { audio } = await import('./audio.ts');
    await audio(session, options);
  });

program.addCommand(callCommand());
program.addCommand(botCommand());
program.addCommand(knowledgeCommand());
program.addCommand(modelsCommand());

await run();

async function run(): Promise<void> {
  // Whoever reads our output may have enough of it before we do.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  let called = program;
  program.hook('preAction', (_, command) => void (called = command));
  for (const command of withSubcommands(program)) {
    command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
      called = command;
      throw error;
    });
    if (command !== program) command.helpOption('-h, --help', 'show help');
  }
  try {
    if (process.argv.length <= 2) throw new UsageError(`a command is needed: ${namesOf(program)}`);
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const usage = error instanceof CommanderError || error instanceof UsageError;
    const text = usage ? `${usageText(error, called)}; see ${pathOf(called)} --help` : explain(error);
    process.stderr.write(`turnstream: ${text}\n`);
    process.exitCode = usage ? 2 : 1;
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function usageText({ message }: Error, called: Command): string {
  // What commander says after it has shown the help of a command that needs another word.
  if (message === '(outputHelp)') return `a command is needed: ${namesOf(called)}`;
  const text = oneLine(message)
    .replace(/^error: (?:command-argument value )?/u, '')
    .replace(/\.$/u, '');
  return /^unknown command '[^']*'$/u.test(text) ? `${text}; there are ${namesOf(called)}` : text;
}

/** As it is typed: `turnstream bot check`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function namesOf({ commands }: Command): string {
  return commands.map((command) => command.name()).join(', ');
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function versionOf(): string {
  // Beside the sources or beside dist/, the package file is one folder up.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
