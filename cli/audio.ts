import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { SessionId, TenantId } from '../events/envelope.ts';
import { objectsOf } from '../shared/archive/config.ts';
import { keptWav } from '../shared/archive/kept-wav.ts';
import { soundBook } from '../shared/archive/sound.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { withLog } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { columns, paint, print, printJson } from './terminal.ts';

export interface AudioOptions extends GivenPlaces {
  readonly tenant: TenantId;
  /** The call to be written; absent: the newest. */
  readonly call?: string;
  /** The WAV file to be written; absent: the calls are listed. */
  readonly out?: string;
  readonly json?: boolean;
}

/** Lists the calls of a session of which sound is kept, or writes one of them as a WAV file. */
export async function audio(session: SessionId, { tenant, call, out, json, ...options }: AudioOptions): Promise<void> {
  await withLog(options, async ({ nc, cipher, objects }) => {
    const ref = { tenant, session };
    const calls = (await soundBook(nc).read(ref))?.value ?? [];
    if (out === undefined) {
      if (json) printJson(calls);
      else if (calls.length === 0)
        print('No sound of this session is kept: see docs/voice.md, Keeping the sound of calls.');
      else
        for (const line of columns(
          calls.map((one) => [one.call, one.since, lengthOf(one.parts), one.over ? '' : 'on']),
        ))
          print(line);
      return;
    }
    const wanted = call === undefined ? calls.at(-1) : calls.find((one) => one.call === call);
    if (!wanted) throw new PlatformError('archive.no-sound', 'no sound of such a call is kept', { retry: 'never' });
    const wav = keptWav({ objects: objectsOf(objects), cipher }, { ...ref, call: wanted.call }, wanted);
    await pipeline(wav.between(0, wav.bytes), createWriteStream(out, { mode: 0o600 }));
    print(`${paint('green', '✓')} ${out} ${paint('dim', lengthOf(wanted.parts))}`);
  });
}

const lengthOf = (parts: readonly { readonly toMs: number }[]): string =>
  `${((parts.at(-1)?.toMs ?? 0) / 1_000).toFixed(1)} s`;
