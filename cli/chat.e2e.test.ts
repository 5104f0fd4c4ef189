import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlatformFile } from './config.ts';
import type { Platform } from './platform.ts';
import { testPlatform } from './platform.fixture.ts';
import type { SessionSummary } from './sessions.ts';
import { turnstream } from './testing.ts';
import type { Verification } from './verify.ts';

let dir: string;
let platform: Platform;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-cli-'));
  platform = await testPlatform({ dir });
}, 120_000);
afterAll(async () => {
  await platform.stop();
  await rm(dir, { recursive: true, force: true });
});

/** As somebody in the folder where the platform runs. */
const here = (args: readonly string[], input = '') => turnstream(args, { env: { TURNSTREAM_DIR: dir }, input });
const recording = join(import.meta.dirname, '../shared/speech/file/fixtures/digits.ogg');
const sessionIn = (err: string): string => /^session (\S+)$/mu.exec(err)?.[1] ?? '';

describe('turnstream beside a running platform', () => {
  it('listens to a recording', async () => {
    const heard = await here(['transcribe', recording]);
    expect(heard.code).toBe(0);
    expect(heard.out).toMatch(/^0\.\d s +three one +speech-en-small@/u);
    const { code, out } = await here(['transcribe', recording, '--json', '--locale', 'en-GB']);
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, text: 'three one', format: 'vorbis' });
    expect(await here(['transcribe', import.meta.filename])).toMatchObject({ code: 1 });
    expect(await here(['transcribe', 'nowhere.wav'])).toMatchObject({ code: 2 });
  });

  it('says each line of its input and prints the answers, continues a session, and tells its story', async () => {
    const asked = await here(['chat', '--locale', 'en'], 'Where is my parcel?\n\n');
    expect(asked.code).toBe(0);
    expect(asked.out).toContain('order number');
    const session = sessionIn(asked.err);

    const answered = await here(['chat', '--session', session], 'TS12345678\n2\n');
    expect(answered.code).toBe(0);
    expect(answered.out).toContain('https://shop.example/track/TS12345678');
    // "2" pressed the second of the buttons that came with the answer.
    expect(answered.out).toContain('colleague');

    const listed = await here(['sessions', '--json']);
    const { sessions } = JSON.parse(listed.out) as { sessions: readonly SessionSummary[] };
    expect(sessions).toMatchObject([{ session, tenant: 'demo', phase: 'handed-off', turns: 3, open: 0 }]);

    const told = await here(['replay', session]);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain('3 of 3 decisions made again: same state, same decision.');
    expect(told.out).toContain('order_number = TS12345678');

    const verified = await here(['verify', '--json', '--grace', '0']);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out) as Verification).toMatchObject({ violated: 0, unchecked: 0, decisions: 3 });
  });

  it('talks as the tenant of a key, and knows no session of another', async () => {
    const key = platform.apiKeys['acme'] ?? '';
    const ran = await here(['chat', '--key', key, '--locale', 'en'], 'hello\n');
    expect(ran).toMatchObject({ code: 0 });
    const session = sessionIn(ran.err);
    const foreign = await here(['chat', '--session', session], 'hello\n');
    expect(foreign).toMatchObject({ code: 1, out: '' });
    expect(foreign.err.trimEnd()).not.toContain('\n');
    const wrong = await here(['chat', '--key', 'ts_acme_wrong'], 'hello\n');
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toContain('pass an API key with --key or TURNSTREAM_API_KEY');
  });

  it('says that it needs keys where events are encrypted and it has none', async () => {
    await here(['chat'], 'hello\n');
    const { user, password } = JSON.parse(await readFile(join(dir, 'platform.json'), 'utf8')) as PlatformFile;
    const env = { TURNSTREAM_NATS_USER: user ?? '', TURNSTREAM_NATS_PASSWORD: password ?? '' };
    const ran = await turnstream(['verify', '--nats', platform.natsUrl], { env });
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('name the file with the tenants’ keys in TURNSTREAM_TENANT_KEYS');
    const nobody = await turnstream(['verify', '--nats', platform.natsUrl]);
    expect(nobody).toMatchObject({ code: 1, out: '' });
    expect(nobody.err).toContain('refused the user or password');
  });

  it('does not go on where what was said is refused, and says why', async () => {
    const ran = await here(['chat'], `${'x'.repeat(10_001)}\nhello\n`);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/text/u);
  });

  it('does not pass on to a terminal what would steer it', async () => {
    const ran = await here(['chat', '--locale', 'en'], 'my order is \u009b31mTS12345678\n');
    // The platform refuses control characters; whatever becomes of it, none comes back.
    expect(stripVTControlCharacters(ran.out + ran.err)).toBe(ran.out + ran.err);
    expect(ran.out + ran.err).not.toContain('\u009b');
  });
});

/** Commands that have commands. */
const FOLDERS = ['bot', 'knowledge', 'models'];

describe('turnstream called wrongly', () => {
  it.each([
    [[], 'a command is needed: up, chat, transcribe, sessions, replay, verify, provision'],
    [['sesions'], "unknown command 'sesions' (Did you mean sessions?)"],
    [['replay'], "missing required argument 'session'; see turnstream replay --help"],
    [['replay', 'me'], "'me' is invalid for argument 'session'. A session id has 26 letters and digits"],
    [['bot', 'fly'], "unknown command 'fly'; there are check, test, diff"],
    [['bot', 'check', '--fly'], "unknown option '--fly'; see turnstream bot check --help"],
    [['fly'], "unknown command 'fly'; there are up, chat, transcribe, sessions, replay, verify, provision"],
    [['verify', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['verify', 'everything'], 'too many arguments'],
    [['replay', '../../etc/passwd'], 'A session id has 26 letters and digits'],
    [['sessions', '--limit', '0'], 'A whole number from 1 to 10000 is needed'],
    [['sessions', '--limit', 'many'], 'A whole number from 1 to 10000 is needed'],
    [['sessions', '--tenant', 'Demo'], 'A tenant is named in lower-case letters'],
    [['sessions', '--nats', 'localhost'], 'A server is named like nats://127.0.0.1:4222'],
    [['chat', '--url', 'ftp://example.org'], 'An address begins with http:// or https://'],
    [['chat', '--locale', 'english please'], 'A language is a tag like zh or en-GB'],
    [['provision', '--replicas', '2'], 'Allowed choices are 1, 3'],
    [['up', '--port', '99999'], 'A whole number from 0 to 65535 is needed'],
  ])('%j is answered with one clear line and exit code 2', async (args, text) => {
    const ran = await turnstream(args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(text);
    expect(ran.err).toMatch(/^turnstream: [^\n]+\n$/u);
  });

  it('has help with examples for each command, and a version', async () => {
    const commands = ['up', 'chat', 'sessions', 'replay', 'verify', 'provision'];
    for (const { code, out } of await Promise.all(commands.map((command) => turnstream([command, '--help'])))) {
      expect(code).toBe(0);
      expect(out).toContain('Examples:');
    }
    expect((await turnstream(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });

  it('has no command that the README does not tell of, and the README none that there is not', async () => {
    const commandsIn = async (...of: readonly string[]) => {
      const { out } = await turnstream([...of, '--help']);
      const [, list = ''] = /^Commands:\n(.*?)(?:\n\n|$(?![^]))/msu.exec(out) ?? [];
      return [...list.matchAll(/^ {2}([a-z-]+)/gmu)].map(([, name]) => [...of, name].join(' '));
    };
    const [top, ...below] = await Promise.all([commandsIn(), ...FOLDERS.map((name) => commandsIn(name))]);
    const commands = [...top.filter((name) => !FOLDERS.includes(name)), ...below.flat()];

    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, table = ''] = /^\| command .*?\n(.*?)\n\n/msu.exec(readme) ?? [];
    const told = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)]);
    expect(told.map(([, name = '']) => name).toSorted()).toEqual(commands.toSorted());
  });
});

it('answers what the README tries', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, region = ''] = /<!-- region: curl -->\s+```sh\n(.*?)```/su.exec(readme) ?? [];
  expect(region).toContain('http://127.0.0.1:8080/v1/chat');
  const script = region.replaceAll('http://127.0.0.1:8080', platform.url);
  const { stdout } = await promisify(execFile)('bash', ['-euc', script]);
  expect(stdout).toContain('order number');
  expect(stdout).toContain('TS12345678');
});
