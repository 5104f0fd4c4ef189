import { PlatformError } from '../errors/index.ts';

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type Level = (typeof LEVELS)[number];

/** Facts about what is logged. Never customer content. */
export type LogAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes one line for each entry. The message is a constant; what varies goes into the attributes. Of an error only
 * what cannot quote a customer is kept.
 */
export interface Logger {
  debug(message: string, attributes?: LogAttributes, error?: unknown): void;
  info(message: string, attributes?: LogAttributes, error?: unknown): void;
  warn(message: string, attributes?: LogAttributes, error?: unknown): void;
  error(message: string, attributes?: LogAttributes, error?: unknown): void;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: Level;
  readonly now?: () => Date;
  /** Takes a whole line, its end included. */
  readonly write?: (line: string) => void;
}

const LONGEST = 1_000;

/**
 * JSON lines on standard output. A library (pino) would bring worker threads and five packages for what are a few
 * lines a minute: nothing is logged for a turn that goes well.
 */
export function jsonLogger(options: LoggerOptions): Logger {
  const { service, level, now = () => new Date(), write = toStandardOutput } = options;
  const lowest = LEVELS.indexOf(level);
  const at =
    (name: Level) =>
    (message: string, attributes: LogAttributes = {}, error?: unknown): void => {
      if (LEVELS.indexOf(name) < lowest) return;
      const entry = {
        time: now().toISOString(),
        level: name,
        service,
        message,
        ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, allowed(key, value)])),
        ...(error !== undefined && { error: describe(error) }),
      };
      write(`${escaped(JSON.stringify(entry))}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const toStandardOutput = (line: string): void => void process.stdout.write(line);

/** What is marked as personal never gets into a log. */
const allowed = (key: string, value: string | number | boolean | undefined) => {
  if (key.split('.').includes('pii')) return undefined;
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
};

/**
 * Our own messages name operations and nothing else. Those of others may quote what they choked on (`JSON.parse`
 * does), so only the class, the code and where it happened are kept of them.
 */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const ours = error instanceof PlatformError;
  const { code } = error as { readonly code?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    ...(ours && { message: error.message }),
    at: framesOf(error),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}

/** The frames of a stack, without the message above them. */
const framesOf = ({ stack = '' }: Error): readonly string[] =>
  stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 5)
    .map((line) => line.slice(3));

/** JSON escapes the C0 controls; terminals and some collectors also act upon these. */
const escaped = (json: string): string =>
  json.replaceAll(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
