import { spawn } from 'node:child_process';
import { PlatformError } from '../../errors/index.ts';
import { readSpeech } from './speech-file.ts';
import type { Recording } from '../wav.ts';
import type { Voice } from './voice.ts';

export interface CommandOptions {
  /** The program and its arguments; `{locale}` and `{language}` are filled in. Text comes on standard input. */
  readonly command: readonly [string, ...string[]];
  /** Programs that run at a time; others wait. */
  readonly atATime?: number;
  readonly timeoutMs?: number;
}

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A voice that is a program on this machine, for example `espeak-ng -v {language} --stdin --stdout`: text in, a WAV out. It
 * runs without a shell, with a limit on time and output, and is killed when nobody waits any more.
 */
export function commandVoice({ command, atATime = 2, timeoutMs = 10_000 }: CommandOptions): Voice {
  const [program] = command;
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async (): Promise<void> => {
    if (running < atATime) {
      running++;
      return;
    }
    // Whoever leaves hands its place on.
    await new Promise<void>((resume) => void waiting.push(resume));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  };
  return {
    name: program.split('/').at(-1) ?? program,
    async say(text, locale, signal) {
      await enter();
      try {
        signal.throwIfAborted();
        return await run(filled(command, locale), text, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      } finally {
        leave();
      }
    },
  };
}

const filled = (command: readonly string[], locale: string): readonly string[] => {
  const language = locale.split('-', 1)[0]?.toLowerCase() ?? 'en';
  // espeak-ng calls Mandarin by its own name, and knows no region of it.
  const voice = language === 'zh' ? 'cmn' : language;
  return command.map((part) => part.replaceAll('{locale}', locale).replaceAll('{language}', voice));
};

function run([program = '', ...parameters]: readonly string[], text: string, signal: AbortSignal): Promise<Recording> {
  const file = new Promise<Uint8Array>((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' });
    const parts: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > MOST_BYTES) child.kill('SIGKILL');
      else parts.push(part);
    });
    child.on('error', (cause) => {
      reject(failed(program, 'cannot be run, or took too long', cause));
    });
    child.on('close', (code) => {
      if (code !== 0) {
        reject(failed(program, `ended with ${code ?? 'a signal'}`));
        return;
      }
      resolve(Buffer.concat(parts));
    });
    // It may have ended before it read: its exit says so.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
  return file.then(readSpeech);
}

const failed = (program: string, why: string, cause?: unknown) =>
  new PlatformError('tts.failed', `the voice ${program} ${why}`, { retry: 'later', retryAfterMs: 1_000, cause });
