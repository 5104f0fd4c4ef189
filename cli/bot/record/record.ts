import { writeFile } from 'node:fs/promises';
import type { SessionId, TenantId } from '../../../events/envelope.ts';
import { botStore } from '../../../shared/bot/store.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { foldable } from '../../../shared/runtime/read-event.ts';
import { botsIn } from '../../../shared/verify/replay.ts';
import type { GivenPlaces } from '../../config.ts';
import { withLog } from '../../connection.ts';
import { eventsOf, refOf } from '../../replay.ts';
import { number, paint, print } from '../../terminal.ts';
import { noMask, personalMask } from './mask.ts';
import { recordingOf } from './recording.ts';

export interface RecordOptions extends GivenPlaces {
  readonly tenant?: TenantId;
  /** What the test is called; absent: by the session. */
  readonly name?: string;
  /** Where the file goes; absent: standard output. */
  readonly out?: string;
  /** Nothing is masked. */
  readonly asIs?: boolean;
}

/** `turnstream bot record`: a session of a running platform becomes a test. */
export async function recordSession(session: SessionId, options: RecordOptions): Promise<void> {
  const { out, asIs, name = `session ${session}` } = options;
  const { text, left, masked } = await withLog(options, async (operator) => {
    const stored = await eventsOf(operator, await refOf(operator.nc, session, options.tenant));
    const events = stored.flatMap((it) => foldable(it) ?? []);
    const [hash] = botsIn(stored);
    if (hash === undefined) {
      throw new PlatformError('session.empty', 'nobody has spoken with a bot in this session', { retry: 'never' });
    }
    const mask = asIs ? noMask : await personalMask(await botStore(operator.nc)(hash));
    return { ...recordingOf(events, name, mask), masked: mask.count() };
  });
  if (out === undefined) print(text.trimEnd());
  else await writeNew(out, text);
  const tell = (line: string): boolean => process.stderr.write(`${line}\n`);
  for (const what of left) tell(`${paint('yellow', 'warning')} ${what}`);
  tell(
    asIs
      ? paint('yellow', 'everything that the customer said stands in it as it was said')
      : `${number(masked)} personal values replaced; names and order numbers are not: look it through before you keep it`,
  );
  if (out !== undefined) tell(`run it: turnstream bot test ${out}`);
}

/** What is there already was looked through by somebody: it is not written over. */
const writeNew = (file: string, text: string): Promise<void> =>
  writeFile(file, text, { flag: 'wx' }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new PlatformError('file.exists', `${file} is there already`, { retry: 'never', cause });
  });
