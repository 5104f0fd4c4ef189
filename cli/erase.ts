import type { SessionId, TenantId } from '../events/envelope.ts';
import { objectsOf } from '../shared/archive/config.ts';
import { eraseSession, type Receipt } from '../shared/archive/erase.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { withLog } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { columns, paint, print, printJson } from './terminal.ts';

export interface EraseOptions extends GivenPlaces {
  readonly tenant: TenantId;
  /** Who asks for it; stands in the receipt. */
  readonly by: string;
  readonly json?: boolean;
}

/** Erases a session for ever and prints the receipt, which the log keeps. */
export async function erase(session: SessionId, { tenant, by, ...options }: EraseOptions): Promise<void> {
  const receipt = await withLog(options, ({ nc, log, cipher, objects }): Promise<Receipt> => {
    if (!cipher) {
      throw new PlatformError('keys.missing', 'an erasure destroys the key of the session, and there are no keys', {
        retry: 'never',
      });
    }
    const erasing = { nc, log, keyring: cipher, objects: objectsOf(objects), now: () => new Date() };
    return eraseSession(erasing, { tenant, session }, by);
  });
  if (options.json) {
    printJson(receipt);
    return;
  }
  print(`${paint('green', '✓')} session ${paint('bold', receipt.session)} of tenant ${receipt.tenant} was erased`);
  for (const line of columns(receipt.stores.map(({ store, done }) => ['', store, paint('dim', done)]))) print(line);
  print(paint('dim', `The receipt of ${receipt.at}, for ${receipt.by}, stays in the log.`));
}
